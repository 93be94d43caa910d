"""The words of `refundd doctor` and `refundd status`; part of the catalogue in `refundtracker.words`."""

from __future__ import annotations

from typing import Final

_NAMES: Final = {
    "level.ok": ("ok", "정상"),
    "level.note": ("note", "참고"),
    "level.warn": ("warn", "주의"),
    "level.bad": ("FAIL", "문제"),
    "level.warning": ("warning", "주의"),
    "level.critical": ("CRITICAL", "심각"),
    "column.level": ("result", "결과"),
    "column.check": ("check", "점검"),
    "column.finding": ("finding", "내용"),
    "column.account": ("account", "계정"),
    "column.waiting": ("waits by", "대기 방식"),
    "column.last-login": ("logged in", "로그인"),
    "column.last-sweep": ("swept", "마지막 확인"),
    "column.trouble": ("trouble", "문제"),
    "doctor.config": ("configuration", "설정"),
    "doctor.permissions": ("permissions", "권한"),
    "doctor.accounts": ("mailboxes", "메일함"),
    "doctor.senders": ("card texts", "카드 문자"),
    "doctor.forms": ("forms", "양식"),
    "doctor.disk": ("disk", "디스크"),
    "doctor.database": ("database", "데이터베이스"),
    "doctor.service": ("service", "서비스"),
    "doctor.unit": ("systemd", "시스템 서비스"),
    "doctor.clock": ("clock", "시계"),
    "doctor.zone": ("time zone", "시간대"),
    "doctor.holidays": ("holidays", "공휴일"),
    "doctor.rates": ("exchange rates", "환율"),
    "doctor.summary": ("weekly mail", "주간 메일"),
    "doctor.dns": ("name", "서버 이름"),
    "doctor.tls": ("certificate", "인증서"),
    "doctor.login": ("login", "로그인"),
    "doctor.folders": ("folders", "폴더"),
    "doctor.waiting": ("new mail", "새 메일"),
    "doctor.verdicts": ("sender proof", "발신자 확인"),
    "doctor.smtp": ("sending", "보내기"),
    "doctor.fix": ("fix", "해결"),
    "doctor.verdict.ok": ("All is well.", "모두 정상이에요."),
    "doctor.verdict.warn": (
        "It works; {warnings} should be looked at.",
        "작동은 하지만 살펴볼 것이 {warnings}개 있어요.",
    ),
    "doctor.verdict.bad": (
        "Needs mending: {bad}. Should be looked at: {warnings}.",
        "고쳐야 할 것 {bad}개, 살펴볼 것 {warnings}개가 있어요.",
    ),
}

_LOCAL: Final = {
    "doctor.error": ("{error}", "오류: {error}"),
    "doctor.unexpected": (
        "this check tripped over its own feet ({error})",
        "점검이 스스로 실패했어요 ({error})",
    ),
    "doctor.unexpected.fix": ("please report it", "개발자에게 알려 주세요"),
    "doctor.slow": ("no end within {seconds} s", "{seconds}초 안에 끝나지 않았어요"),
    "doctor.slow.fix": ("look at the network, then try again", "네트워크를 확인하고 다시 해 보세요"),
    "doctor.line.fix": ("write below this account: {line}", "이 계정 아래에 적으세요: {line}"),
    "doctor.config.ok": ("{path}", "{path} 파일"),
    "doctor.config.none": ("there is no configuration file yet", "아직 설정 파일이 없어요"),
    "doctor.config.problem": ("{problem} (in {path})", "{problem} (파일: {path})"),
    "doctor.config.fix": (
        "change that line; README.md lists every option",
        "그 줄을 고치세요. 모든 항목은 README.md에 있어요",
    ),
    "doctor.permissions.ok": (
        "nobody else may change the configuration ({mode})",
        "다른 사용자는 설정을 고칠 수 없어요 ({mode})",
    ),
    "doctor.permissions.open": (
        "others may change {path} (mode {mode}), and it names commands that are run",
        "다른 사용자가 {path} 파일을 고칠 수 있어요 (모드 {mode}). 실행할 명령이 적히는 파일이에요",
    ),
    "doctor.permissions.fix": ("chmod go-w {path}", "명령: chmod go-w {path}"),
    "doctor.accounts.ok": ("{names}", "{names} 계정"),
    "doctor.accounts.none": ("no mailbox is configured", "설정된 메일함이 없어요"),
    "doctor.accounts.fix": ("run: refundd setup", "실행하세요: refundd setup"),
    "doctor.senders.ok": ("taken from {addresses}", "{addresses} 주소에서 받아요"),
    "doctor.senders.none": (
        "nobody may forward card texts, so money on a card stays unseen",
        "카드 문자를 전달할 주소가 없어서 카드에 들어온 돈을 볼 수 없어요",
    ),
    "doctor.senders.fix": (
        'write below [senders]: allowed = ["{address}"]',
        '[senders] 아래에 적으세요: allowed = ["{address}"]',
    ),
    "doctor.forms.ok": (
        "all forms compile; files of your own: {count}",
        "모든 양식이 정상이에요. 직접 만든 파일: {count}개",
    ),
    "doctor.forms.fix": ("mend the form, or take its file away", "양식을 고치거나 그 파일을 치우세요"),
    "doctor.disk.ok": ("{free} free at {place}", "{place} 여유 공간 {free}"),
    "doctor.disk.little": ("only {free} free at {place}", "{place} 여유 공간이 {free}뿐이에요"),
    "doctor.disk.fix": (
        "make room; without it no mail can be recorded",
        "공간을 비우세요. 없으면 메일을 기록할 수 없어요",
    ),
    "doctor.database.ok": (
        "{path}, sound, only for you ({mode})",
        "{path} 파일 정상, 나만 볼 수 있음 ({mode})",
    ),
    "doctor.database.none": ("{path} is made at the first run", "{path} 파일은 처음 실행할 때 만들어요"),
    "doctor.database.empty": ("{path} is empty yet", "{path} 파일이 아직 비어 있어요"),
    "doctor.database.open": (
        "others may read {path} (mode {mode})",
        "다른 사용자가 {path} 파일을 볼 수 있어요 (모드 {mode})",
    ),
    "doctor.database.fix": ("chmod 600 {path}", "명령: chmod 600 {path}"),
    "doctor.database.broken": ("{path} is damaged: {problem}", "{path} 파일이 손상됐어요: {problem}"),
    "doctor.database.restore": (
        "stop the service and put a backup in its place, or move it away and run: refundd run --once",
        "서비스를 멈추고 백업으로 바꾸거나, 파일을 치우고 refundd run --once 명령을 실행하세요",
    ),
    "doctor.service.running": ("is running", "실행 중이에요"),
    "doctor.service.off": ("is not running", "실행되고 있지 않아요"),
    "doctor.service.fix": (
        "start it: refundd run; to keep it running: refundd install-service",
        "시작하세요: refundd run. 계속 실행하려면: refundd install-service",
    ),
    "doctor.service.unknown": (
        "this user may not look at the lock of {path}",
        "이 사용자는 {path} 잠금을 볼 수 없어요",
    ),
    "doctor.unit.state": ("{scope} unit: {active}, {enabled}", "{scope} 유닛 상태: {active}, {enabled}"),
    "doctor.unit.failed": ("{scope} unit: failed", "{scope} 유닛이 실패했어요"),
    "doctor.unit.fix": (
        "read why: journalctl {flag}-u refundtracker -n 50; then: systemctl {flag}restart refundtracker",
        "이유: journalctl {flag}-u refundtracker -n 50, 다시 시작: systemctl {flag}restart refundtracker",
    ),
    "doctor.clock.ok": ("{now}", "지금 {now}"),
    "doctor.clock.behind": (
        "it says {now}, but something happened at {seen}",
        "지금 {now}인데 {seen}에 있었던 일이 기록돼 있어요",
    ),
    "doctor.clock.fix": (
        "set the clock: timedatectl set-ntp true",
        "시계를 맞추세요: timedatectl set-ntp true",
    ),
    "doctor.zone.ok": ("{zone}, where it is {now}", "{zone}, 현지 시각 {now}"),
    "doctor.zone.utc": (
        "UTC is used, because the zone of {country} is not known",
        "{country} 시간대를 몰라서 UTC로 계산해요",
    ),
    "doctor.zone.fix": (
        'write below [region]: timezone = "Europe/Lisbon", or whatever yours is',
        '[region] 아래에 적으세요: timezone = "Asia/Seoul" 처럼 사는 곳의 시간대',
    ),
    "doctor.holidays.ok": (
        "{country} known until {last} ({table})",
        "{country} 공휴일을 {last}까지 알아요 ({table})",
    ),
    "doctor.holidays.end": (
        "{country} known only until {last} ({table}); later dates are estimates",
        "{country} 공휴일을 {last}까지만 알아요 ({table}). 그 뒤 날짜는 추정이에요",
    ),
    "doctor.holidays.fix": (
        "pip install --upgrade holidays; or write the days into days_off",
        "pip install --upgrade holidays 명령을 실행하거나 days_off 항목에 날짜를 적으세요",
    ),
    "doctor.rates.ok": ("known until {day}", "{day}까지 알아요"),
    "doctor.rates.old": ("known only until {day}", "{day}까지만 알아요"),
    "doctor.rates.none": ("too old to compare two currencies", "너무 오래돼서 두 통화를 비교할 수 없어요"),
    "doctor.rates.fix": (
        "pip install --upgrade CurrencyConverter",
        "명령: pip install --upgrade CurrencyConverter",
    ),
    "doctor.summary.ok": ("next on {due}, to {to}", "다음 발송 {due}, 받는 사람 {to}"),
    "doctor.summary.none": ("not configured, none is sent", "설정하지 않아서 보내지 않아요"),
}

_REMOTE: Final = {
    "doctor.dns.ok": ("{host} is {address}", "{host} 주소 {address}"),
    "doctor.dns.none": ("{host}: {error}", "{host} 서버를 찾을 수 없어요: {error}"),
    "doctor.dns.fix": (
        "look at the host name in the configuration and at the network",
        "설정의 서버 이름과 네트워크를 확인하세요",
    ),
    "doctor.unreachable.fix": (
        "look at host, port and tls, and at the network; it is tried again by itself",
        "host, port, tls 항목과 네트워크를 확인하세요. 프로그램은 스스로 다시 시도해요",
    ),
    "doctor.tls.ok": (
        "of {host}, good until {end} ({days} days)",
        "{host} 인증서, {end}까지 유효 ({days}일 남음)",
    ),
    "doctor.tls.none": (
        "the line to {host} is not encrypted; it does not leave this machine",
        "{host} 연결은 암호화하지 않지만 이 컴퓨터를 벗어나지 않아요",
    ),
    "doctor.tls.soon": (
        "of {host} ends on {end}, in {days} days",
        "{host} 인증서가 {end}에 끝나요 ({days}일 남음)",
    ),
    "doctor.tls.renew": (
        "nothing for a provider's server; renew it on your own",
        "메일 회사 서버라면 그대로 두고, 직접 운영하는 서버라면 갱신하세요",
    ),
    "doctor.tls.fix": (
        "compare the host name with your provider's help; ca_file is for a server of your own",
        "메일 회사 도움말의 서버 이름과 비교하세요. ca_file 항목은 직접 운영하는 서버에만 쓰세요",
    ),
    "doctor.login.ok": ("as {user}", "{user} 계정으로 로그인했어요"),
    "doctor.login.fix": (
        "check user and password; most want an app password, and IMAP switched on in their settings",
        "아이디와 비밀번호를 확인하세요. 대부분 앱 비밀번호가 필요하고, 메일 설정에서 IMAP 사용을 켜야 해요",
    ),
    "doctor.login.oauth.fix": ("sign in again: refundd login", "다시 로그인하세요: refundd login"),
    "doctor.folders.ok": ("{folders}", "{folders} 폴더를 읽어요"),
    "doctor.folders.missing": ("not in the mailbox: {missing}", "메일함에 없는 폴더: {missing}"),
    "doctor.folders.fix": ("take one of: {offered}", "이 중에서 고르세요: {offered}"),
    "doctor.folders.more": (
        "not read: {more}; refund mail may lie there",
        "읽지 않는 폴더: {more}. 환불 메일이 거기 있을 수 있어요",
    ),
    "doctor.waiting.idle": (
        "announced by the server (IDLE{compress})",
        "서버가 바로 알려 줘요 (IDLE{compress})",
    ),
    "doctor.waiting.poll": (
        "looked for every {minutes} min; the server cannot announce it (no IDLE{compress})",
        "{minutes}분마다 확인해요. 서버에 알림 기능이 없어요 (IDLE 없음{compress})",
    ),
    "doctor.verdicts.ok": (
        "{proven} of {count} mails from shops are proven",
        "쇼핑몰 메일 {count}통 중 {proven}통의 발신자를 확인했어요",
    ),
    "doctor.verdicts.no-mail": (
        "no mail from AliExpress in {days} days, so nothing could be judged",
        "{days}일 동안 알리익스프레스 메일이 없어서 판단할 수 없어요",
    ),
    "doctor.verdicts.silent": (
        "none of {count} mails carries Authentication-Results: your provider proves no sender",
        "메일 {count}통에 Authentication-Results 헤더가 없어요. 메일 회사가 발신자를 확인해 주지 않아요",
    ),
    "doctor.verdicts.silent.fix": (
        "have AliExpress write to an address whose provider does; until then nothing counts",
        "발신자를 확인해 주는 메일 주소로 알리익스프레스 메일을 받으세요. 그 전에는 아무것도 반영하지 않아요",
    ),
    "doctor.verdicts.unknown": (
        "none of {count} mails is believed; what stands on top of them was written by {top}",
        "메일 {count}통 중 믿는 것이 없어요. 맨 위 헤더를 쓴 서버: {top}",
    ),
    "doctor.verdicts.unknown.fix": (
        "if {top} is a server of your own provider, write below this account: {line}",
        "{top} 서버가 내 메일 회사 것이 맞으면 이 계정 아래에 적으세요: {line}",
    ),
    "doctor.verdicts.mixed": (
        "none of {count} mails is believed, and no server stands on top of most of them",
        "메일 {count}통 중 믿는 것이 없고, 맨 위 헤더를 쓴 서버도 제각각이에요",
    ),
    "doctor.verdicts.mixed.fix": (
        "ask your provider what its servers write into Authentication-Results, and name it in authserv",
        "메일 회사가 Authentication-Results 헤더에 쓰는 서버 이름을 알아보고 authserv 항목에 적으세요",
    ),
    "doctor.verdicts.failed": (
        "{ids} proved none of {count} mails from shops",
        "{ids} 서버가 쇼핑몰 메일 {count}통 중 확인해 준 것이 없어요",
    ),
    "doctor.verdicts.failed.fix": (
        "look at them: refunds mail --outcome untrusted; forwarded mail loses its proof",
        "확인해 보세요: refunds mail --outcome untrusted. 전달된 메일은 증명을 잃어요",
    ),
    "doctor.smtp.ok": ("{host} takes mail from {user}", "{host} 서버가 {user} 계정의 메일을 받아요"),
    "doctor.smtp.fix": (
        "check user and password of [smtp]; most providers want an app password",
        "[smtp] 아이디와 비밀번호를 확인하세요. 대부분 앱 비밀번호가 필요해요",
    ),
}

_STATUS: Final = {
    "status.held": ("The service is running.", "서비스가 실행 중이에요."),
    "status.free": ("The service is not running.", "서비스가 실행되고 있지 않아요."),
    "status.unknown": (
        "Whether the service is running cannot be told by this user.",
        "이 사용자는 서비스가 실행 중인지 알 수 없어요.",
    ),
    "status.mode.idle": ("IDLE", "즉시 알림"),
    "status.mode.poll": ("polling", "주기 확인"),
    "status.mails": ("Mails", "메일"),
    "status.disputes": ("Disputes", "분쟁"),
    "status.next-summary": ("Next summary", "다음 주간 메일"),
    "status.last-summary": ("Last summary", "지난 주간 메일"),
    "status.alarms": ("Alarms", "알림"),
    "status.unsent": ("Summary not sent", "보내지 못한 주간 메일"),
    "status.attempts": ("{slot}, failed attempts: {attempts}", "{slot}, 실패 {attempts}번"),
    "health.off": ("the service is not running", "서비스가 실행되고 있지 않아요"),
    "health.no-account": ("no mailbox is configured", "설정된 메일함이 없어요"),
    "health.never": ("{account} was never logged in", "{account}: 아직 한 번도 로그인하지 않았어요"),
    "health.trouble": (
        "{account} in trouble for {lasted}: {said}",
        "{account}: {lasted} 동안 문제가 있어요: {said}",
    ),
    "health.no-sweep": ("{account} was not swept for {lasted}", "{account}: {lasted} 동안 확인하지 못했어요"),
    "health.unsent": (
        "summary {slot} not sent after {attempts} attempts: {said}",
        "{slot} 주간 메일을 {attempts}번 시도했지만 보내지 못했어요: {said}",
    ),
}

DOCTOR: Final[dict[str, tuple[str, str]]] = {**_NAMES, **_LOCAL, **_REMOTE, **_STATUS}
