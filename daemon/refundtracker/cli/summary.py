"""`refunds summary`: the weekly summary, now."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from refundparsers.notices import utc
from refundtracker.cli.common import global_options, settings
from refundtracker.errors import DiskTrouble
from refundtracker.formats import write_json, write_line
from refundtracker.views import dispute_json

if TYPE_CHECKING:
    from refundtracker.cli.common import Settings
    from refundtracker.config import Config
    from refundtracker.reports.summary import Summary
    from refundtracker.store import Store
    from refundtracker.words import Lang


@click.command()
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it as HTML."
)
@click.option("--send", is_flag=True, help="Send it by mail, to the address in the configuration.")
@global_options
@click.pass_context
def summary(ctx: click.Context, html: Path | None, send: bool) -> None:
    """The weekly summary as text, as HTML, or by mail."""
    from refundtracker.jobs.delivery import build
    from refundtracker.reports.summary import render_html, render_text

    given = settings(ctx)
    config = given.load()
    lang = given.language(config)
    with given.store(config) as store:
        told = build(store, config, today=given.today(config), lang=lang)
        answer: dict[str, object] = _json(store, told, given, config, lang) if given.json else {}
        if html is not None:
            _write(html, render_html(told))
            answer["html"] = str(html)
        if send:
            answer["sent_to"] = _send(store, config, given, lang)
    if given.json:
        write_json(answer)
    elif html is not None or send:
        for value in answer.values():
            write_line(str(value))
    else:
        write_line(render_text(told).rstrip("\n"))


def _json(store: Store, told: Summary, given: Settings, config: Config, lang: Lang) -> dict[str, object]:
    today = given.today(config)
    return {
        "as_of": today.isoformat(),
        "owed": list(told.owed),
        "disputes": [dispute_json(each, today, lang) for each in store.disputes()],
        "unread": [each.id for each in told.news.unread],
        "untrusted": [each.id for each in told.news.untrusted],
        "counts": dict(told.news.counts),
        "notes": list(told.news.notes),
        "made_at": utc(datetime.now(UTC)),
    }


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DiskTrouble(f"{path} cannot be written: {error.strerror}") from error


def _send(store: Store, config: Config, given: Settings, lang: Lang) -> str:
    from refundtracker.jobs.delivery import new_message_id, send

    now = datetime.now(UTC)
    name = new_message_id(config)
    return send(store, config, os.environ, message_id=name, now=now, lang=lang, today=given.today(config))
