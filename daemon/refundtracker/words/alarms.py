"""The words of alarms: what is wrong, what to do, and that it is over; see `refundtracker.words`."""

from __future__ import annotations

from typing import Final

ALARMS: Final = {
    "alarm.subject": ("Refunds", "환불 알림"),
    "alarm.subject.again": ("still: {title}", "계속됨: {title}"),
    "alarm.subject.over": ("over: {title}", "해결됨: {title}"),
    "alarm.subject.more": ("{title} (+{count})", "{title} (외 {count}건)"),
    "alarm.heading.new": ("New", "새 알림"),
    "alarm.heading.again": ("Still so", "계속되는 문제"),
    "alarm.heading.over": ("Over", "끝난 문제"),
    "alarm.more": ("and {count} more: refundd status", "외 {count}건: refundd status"),
    "alarm.since": ("since {moment}", "{moment}부터"),
    "alarm.said": ("What was said: {said}", "받은 응답: {said}"),
    "alarm.doubtful": (
        "The message of {moment} may have come twice, or not at all: the answer to it was never heard.",
        "{moment} 알림은 두 번 왔거나 오지 않았을 수 있어요. 서버의 응답을 받지 못했어요.",
    ),
    "alarm.footer": (
        "Told once, then daily while it lasts, then when it is over. What is wrong now: refundd status",
        "처음 한 번, 계속되는 동안 매일, 끝나면 한 번 더 알려 드려요. 지금 상태 보기: refundd status",
    ),
    "alarm.login": ("Login refused: {account}", "로그인 거부됨: {account}"),
    "alarm.login.do": (
        (
            "No mail of this account is read until that is mended. Look with: refundd doctor."
            " Then: systemctl reload refundtracker"
        ),
        (
            "고칠 때까지 이 계정의 메일을 읽을 수 없어요. 이렇게 확인하세요: refundd doctor."
            " 고친 뒤에는 이렇게 하세요: systemctl reload refundtracker"
        ),
    ),
    "alarm.login.over": ("The login works again: {account}", "다시 로그인돼요: {account}"),
    "alarm.unreachable": ("Mailbox not reachable: {account}", "메일함에 연결할 수 없음: {account}"),
    "alarm.unreachable.do": (
        "It is tried again by itself. Look with: refundd doctor",
        "자동으로 다시 시도하고 있어요. 이렇게 확인하세요: refundd doctor",
    ),
    "alarm.unreachable.over": ("The mailbox is reachable again: {account}", "다시 연결돼요: {account}"),
    "alarm.folder": ("A folder cannot be read: {account}", "읽을 수 없는 폴더: {account}"),
    "alarm.folder.do": (
        "Correct folders in the configuration, then: systemctl reload refundtracker",
        "설정 파일의 folders 항목을 고친 뒤 이렇게 하세요: systemctl reload refundtracker",
    ),
    "alarm.folder.over": ("All folders are read again: {account}", "폴더를 다시 읽어요: {account}"),
    "alarm.no-sweep": ("Mailbox not read for days: {account}", "며칠째 읽지 못한 메일함: {account}"),
    "alarm.no-sweep.do": (
        "Money is on its way, and nobody looks for it. See: refundd status",
        "환불이 진행 중인데 메일을 확인하지 못하고 있어요. 이렇게 확인하세요: refundd status",
    ),
    "alarm.no-sweep.over": ("The mailbox is read again: {account}", "메일함을 다시 읽어요: {account}"),
    "alarm.no-mail": ("No mail of shops or cards for days", "며칠째 쇼핑몰과 카드 메일 없음"),
    "alarm.no-mail.do": (
        (
            "A refund should be coming. Is the forwarder on the phone alive, and is the mail"
            " in the folders that are read? See what came: refunds mail"
        ),
        (
            "환불이 들어올 때예요. 휴대폰 문자 전달이 켜져 있는지, 메일이 다른 폴더로 가지 않는지 확인하세요."
            " 받은 메일은 이렇게 볼 수 있어요: refunds mail"
        ),
    ),
    "alarm.no-mail.over": ("Mail comes in again", "메일이 다시 들어와요"),
    "alarm.unread": ("Mails nobody could read: {count}", "해석하지 못한 메일: {count}통"),
    "alarm.unread.do": (
        "They may hold news of a refund. See: refunds mail --outcome unread, then: refunds teach {ref}",
        "환불 소식일 수 있어요. 목록: refunds mail --outcome unread, 알려 주기: refunds teach {ref}",
    ),
    "alarm.unread.over": (
        "No mail of the last days is left unread; older ones stay listed",
        "최근에 해석하지 못한 메일이 더는 없어요. 예전 것은 목록에 남아 있어요",
    ),
    "alarm.unparsable": ("Damaged or too large mails: {count}", "손상됐거나 너무 큰 메일: {count}통"),
    "alarm.unparsable.do": (
        "See: refunds mail --outcome unparsable",
        "이렇게 확인하세요: refunds mail --outcome unparsable",
    ),
    "alarm.unparsable.over": (
        "No damaged or too large mail came in the last days",
        "최근에는 손상됐거나 너무 큰 메일이 없어요",
    ),
    "alarm.untrusted": ("Mails whose sender is not proven: {count}", "발신자 미확인 메일: {count}통"),
    "alarm.untrusted.do": (
        "They counted for nothing. Open no link in them. See: refunds mail --outcome untrusted",
        "반영하지 않았어요. 메일 안의 링크는 열지 마세요. 목록: refunds mail --outcome untrusted",
    ),
    "alarm.untrusted.over": (
        "No mail of an unproven sender came in the last days",
        "최근에는 발신자를 확인할 수 없는 메일이 없어요",
    ),
    "alarm.summary": ("Summary not sent: {slot}", "보내지 못한 요약: {slot}"),
    "alarm.summary.do": (
        "It is tried again by itself. What the mail server says: refunds summary --send",
        "자동으로 다시 시도하고 있어요. 메일 서버의 응답 확인: refunds summary --send",
    ),
    "alarm.summary.over": ("The summary is settled: {slot}", "요약 처리 완료: {slot}"),
    "alarm.holidays": ("Holiday table ends: {country}", "공휴일 표가 곧 끝남: {country}"),
    "alarm.holidays.do": (
        (
            "Days after {day} are estimates. In the environment of refundd:"
            " pip install --upgrade holidays, then: systemctl restart refundtracker"
        ),
        (
            "{day} 뒤의 영업일은 추정치예요. refundd 환경에서 이렇게 하세요:"
            " pip install --upgrade holidays, 그다음: systemctl restart refundtracker"
        ),
    ),
    "alarm.holidays.over": ("The holiday table reaches on: {country}", "공휴일 표 갱신됨: {country}"),
    "alarm.act-by": ("Answer by {day}: {name}", "{day}까지 답변: {name}"),
    "alarm.act-by.do": (
        "Answer on the order page, or it ends on the other side's terms. See: refunds show {ref}",
        "주문 페이지에서 답하지 않으면 상대방 조건대로 끝나요. 이렇게 확인하세요: refunds show {ref}",
    ),
    "alarm.act-by.over": ("Answer by {day}: {name}, now: {state}", "{day}까지 답변: {name}, 지금: {state}"),
    "alarm.overdue": ("Refund is late: {name}", "환불 지연: {name}"),
    "alarm.overdue.do": (
        "Expected {money} by {day}. What to do now: refunds show {ref}",
        "{day}까지 {money} 입금 예정이었어요. 지금 할 일: refunds show {ref}",
    ),
    "alarm.overdue.over": (
        "Refund was late: {name}, now: {state}; the summary goes on with it",
        "환불 지연: {name}, 지금: {state}. 앞으로는 주간 요약에서 알려 드려요",
    ),
    "alarm.chargeback": ("Chargeback before {day}: {name}", "차지백 기한 {day}: {name}"),
    "alarm.chargeback.do": (
        "After that day your bank need not help any more. See: refunds show {ref}",
        "그 뒤에는 카드사가 도와줄 의무가 없어요. 이렇게 확인하세요: refunds show {ref}",
    ),
    "alarm.chargeback.over": (
        "Chargeback before {day}: {name}, now: {state}",
        "차지백 기한 {day}: {name}, 지금: {state}",
    ),
    "alarm.database": ("The database cannot be used", "데이터베이스를 쓸 수 없음"),
    "alarm.database.do": (
        "No mail is taken until that is mended; none is lost. Look with: refundd doctor",
        "고칠 때까지 새 메일을 저장하지 못해요. 잃어버리는 메일은 없어요. 이렇게 확인하세요: refundd doctor",
    ),
    "alarm.database.over": ("The database works again", "데이터베이스를 다시 쓸 수 있어요"),
    "alarm.disk": ("The disk is nearly full: {free} MB left", "디스크 공간 부족: {free} MB 남음"),
    "alarm.disk.do": (
        "Make room; without it no mail can be stored. See: df -h",
        "공간을 비우세요. 없으면 메일을 저장하지 못해요. 이렇게 확인하세요: df -h",
    ),
    "alarm.disk.over": ("There is room on the disk again", "디스크 공간이 다시 넉넉해요"),
    "alarm.damage": ("The database is damaged", "데이터베이스 손상"),
    "alarm.damage.do": (
        (
            "Stop the service and put the newest backup in its place: it lies beside the database."
            " Look with: refundd doctor"
        ),
        "서비스를 멈추고 데이터베이스 옆의 최신 백업으로 바꾸세요. 이렇게 확인하세요: refundd doctor",
    ),
    "alarm.damage.over": ("The database is sound again", "데이터베이스에 이상이 없어요"),
    "alarm.backup": ("No backup could be made", "백업 실패"),
    "alarm.backup.do": (
        "The work goes on without one. Look with: refundd doctor",
        "백업 없이 계속 일하고 있어요. 이렇게 확인하세요: refundd doctor",
    ),
    "alarm.backup.over": ("A backup was made again", "다시 백업했어요"),
    "note.doubt.weekly": (
        "The summary {slot} may have come twice, or not at all: an answer of the mail server was not heard",
        "{slot} 요약은 두 번 왔거나 오지 않았을 수 있어요. 메일 서버의 응답을 받지 못했어요",
    ),
    "note.doubt.alarm": (
        "The alarm {slot} may have come twice, or not at all: the answer to it was not heard",
        "{slot} 알림은 두 번 왔거나 오지 않았을 수 있어요. 응답을 받지 못했어요",
    ),
}
