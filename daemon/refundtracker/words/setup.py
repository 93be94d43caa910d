"""The words of `refundd setup`, `login` and `install-service`; part of `refundtracker.words`."""

from __future__ import annotations

from typing import Final

SETUP: Final[dict[str, tuple[str, str]]] = {
    "setup.replace": (
        "There is a configuration at {path}. Replace it? The old one is kept beside it",
        "{path} 설정이 이미 있어요. 바꿀까요? 이전 파일은 옆에 남겨 둬요",
    ),
    "setup.address": ("Your mail address", "메일 주소"),
    "setup.looking": (
        "Asking {domain} for its mail servers ...",
        "{domain} 메일 서버를 찾고 있어요 ...",
    ),
    "setup.mozilla": (
        "Nothing found. Ask Mozilla's public list? It is told only the name {domain}",
        "찾지 못했어요. 모질라 공개 목록에 물어볼까요? {domain} 이름만 알려 줘요",
    ),
    "setup.found": ("Found {host} (told by {source}).", "{host} 서버를 찾았어요. (출처: {source})"),
    "setup.trust": (
        "{host} carries another name than your address. Is that your provider's server",
        "{host} 서버 이름이 메일 주소와 달라요. 내 메일 회사 서버가 맞나요",
    ),
    "setup.host": (
        "IMAP server (your provider's help page names it)",
        "IMAP 서버 (메일 회사 도움말에 있어요)",
    ),
    "setup.port": ("Port", "포트 번호"),
    "setup.provider": (
        "This is {provider}: mail is read at {host}.",
        "{provider} 메일이에요. {host} 서버에서 읽어요.",
    ),
    "setup.switch-on": (
        "Switch IMAP on in the mail settings of {provider} first, if you have not yet.",
        "{provider} 메일 설정에서 IMAP 사용을 먼저 켜 주세요.",
    ),
    "setup.app-password": (
        (
            "The password of the web site does not work here. Switch on 2-step verification,"
            " then make an app password: {page}"
        ),
        "웹사이트 비밀번호는 쓸 수 없어요. 2단계 인증을 켜고 앱 비밀번호를 만드세요: {page}",
    ),
    "setup.no-password": (
        "{provider} takes no password from programs; you sign in with `refundd login` afterwards.",
        "{provider} 메일은 비밀번호를 받지 않아요. 나중에 refundd login 명령으로 로그인하세요.",
    ),
    "setup.certificate": (
        "It shows a certificate of its own: export that and give it with --ca-file ({page}).",
        "자체 인증서를 써요. 인증서를 내보내서 --ca-file 옵션으로 알려 주세요. ({page})",
    ),
    "setup.oauth": (
        "No password is asked for; sign in afterwards with: refundd login {name}",
        "비밀번호는 묻지 않아요. 나중에 이렇게 로그인하세요: refundd login {name}",
    ),
    "setup.password": (
        "App password (nothing is shown while you type)",
        "앱 비밀번호 (입력해도 화면에 보이지 않아요)",
    ),
    "setup.testing": ("Trying {host} ...", "{host} 서버에 로그인해 보고 있어요 ..."),
    "setup.offered": ("Folders in this mailbox: {folders}", "메일함의 폴더: {folders}"),
    "setup.folders": (
        "Folders to read, with commas between them",
        "읽을 폴더 (쉼표로 구분)",
    ),
    "setup.allowed": (
        "Addresses that forward your card texts (yours, your phone's), with commas between them",
        "카드 문자를 전달하는 주소 (내 주소, 휴대폰 앱 주소, 쉼표로 구분)",
    ),
    "setup.summary": ("A weekly summary by mail", "일주일에 한 번 요약 메일을 받을까요"),
    "setup.to": ("To which address", "받을 주소"),
    "setup.smtp": (
        "SMTP server that sends it (empty: no weekly mail)",
        "메일을 보낼 SMTP 서버 (비우면 주간 메일 없음)",
    ),
    "setup.no-smtp": (
        "No server that sends is known, so there is no weekly mail; --smtp-host names one.",
        "보낼 서버를 몰라서 주간 메일은 설정하지 않아요. --smtp-host 옵션으로 알려 주세요.",
    ),
    "setup.smtp.anyway": (
        "Write the weekly mail into the configuration all the same",
        "그래도 주간 메일을 설정에 넣을까요",
    ),
    "setup.test-mail": ("Send a test mail to {to} now", "{to} 주소로 시험 메일을 보낼까요"),
    "setup.test-mail.sent": ("Sent to {to}.", "{to} 주소로 보냈어요."),
    "setup.mail.subject": ("Refund tracker: a test mail", "환불 추적기 시험 메일"),
    "setup.mail.body": (
        "Sending works. The weekly summary will come like this mail.",
        "메일 보내기가 잘 돼요. 주간 요약도 이 메일처럼 와요.",
    ),
    "setup.country": (
        "Country whose business days are counted (two letters)",
        "영업일을 셀 나라 (두 글자)",
    ),
    "setup.written": ("Written: {path}", "설정 파일을 썼어요: {path}"),
    "setup.written.secret": (
        "The password is in {path}, which only you can read.",
        "비밀번호는 나만 볼 수 있는 파일에 있어요: {path}",
    ),
    "setup.written.former": (
        "The former configuration is now {path}",
        "이전 설정은 여기 있어요: {path}",
    ),
    "setup.next": ("What to type now:", "이제 이렇게 하세요:"),
    "setup.next.login": ("sign in, in a browser", "브라우저에서 로그인"),
    "setup.next.doctor": ("looks at everything once", "모든 것을 한 번 점검"),
    "setup.next.run": ("reads the mailbox once", "메일함을 한 번 읽기"),
    "setup.next.refunds": ("what is owed to you", "아직 받을 돈 보기"),
    "setup.next.install-service": ("keeps it running for good", "계속 실행되게 하기"),
    "login.open": (
        "Open this address in a browser on this machine and agree:",
        "이 컴퓨터의 브라우저에서 아래 주소를 열고 허용하세요:",
    ),
    "login.open.code": (
        "Open this address on any device and type the code {code}",
        "아무 기기에서나 아래 주소를 열고 코드 {code} 입력하세요",
    ),
    "login.paste": (
        (
            "On another machine the browser ends on a page that does not load:"
            " copy the address of that page, paste it here and press Enter."
        ),
        "다른 컴퓨터에서 열었다면 마지막에 열리지 않는 페이지의 주소를 여기에 붙여 넣고 Enter를 누르세요.",
    ),
    "login.done": (
        "{user} is signed in; kept in {where}",
        "{user} 계정으로 로그인했어요. 보관 위치: {where}",
    ),
    "login.next": (
        "A service that is running tries again at once after: systemctl reload refundtracker",
        "실행 중인 서비스는 systemctl reload refundtracker 명령 뒤에 바로 다시 시도해요.",
    ),
    "install.done": ("Written: {path}", "유닛 파일을 썼어요: {path}"),
    "install.same": ("{path} is there already and up to date", "{path} 파일이 이미 최신이에요"),
    "install.next": ("Start it with:", "이렇게 시작하세요:"),
    "install.secrets": (
        "It sees no home directory: systemd/README.md says where configuration and password belong.",
        "홈 디렉터리를 볼 수 없어요. 설정과 비밀번호를 둘 곳은 systemd/README.md 문서에 있어요.",
    ),
}
