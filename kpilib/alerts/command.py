"""`kpi alerts`: say what calls for attention, tell it once by mail or webhook, end with 1 where something is wrong."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from kpilib import workbook
from kpilib.errors import BadInput
from kpilib.language import LANGUAGES

from .letter import Letter
from .state import Told, default_file, remembered
from .watch import Watch, watch

#: Where an alert may be told. The terminal is the first that knows.
PRINTED, MAILED, POSTED = "print", "mail", "webhook"
#: The severities for which the command ends with 1.
WRONG = ("worse", "data")


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `alerts` to the commands of `kpi`; its arguments carry `run` as `run`."""
    said = (
        "Say which figures are off their limits, which targets are missed and which data are late or broken. "
        "An event is told once, and once more when it is over. "
        "Ends with 0 where nothing new is wrong, 1 where something is, 2 where what was given cannot be used."
    )
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "alerts", help="say what calls for attention", description=said
    )
    add = parser.add_argument
    add("--data", metavar="DATA", help="a folder of exports, a DuckDB file or an engine's URL (default: $KPILIB_DATA)")
    add("--workbook", type=Path, metavar="FILE", help="the team's settings (default: workbook.toml)")
    add(
        "--today",
        type=_day,
        metavar="DAY",
        help="data older than they may be on this day are late (default: the day of the data)",
    )
    add(
        "--all", action="store_true", help="print what was told before too, and end with 1 while anything wrong is open"
    )
    add("--json", metavar="FILE", help="write everything as JSON; - for standard output")
    add("--state", type=Path, metavar="FILE", help="what was told already (default: in the user's own folder)")
    add("--language", default="en", choices=sorted(LANGUAGES), help="default: %(default)s")
    add("--mail", action="store_true", help="send what is new by e-mail, as [alerts.mail] of workbook.toml says")
    hook = "post what is new as JSON (default: the address in [alerts.webhook] of workbook.toml)"
    add("--webhook", nargs="?", const="", metavar="URL", help=hook)
    parser.set_defaults(run=run)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-06-30") from None


def run(args: argparse.Namespace) -> int:
    """Watch, print, send, remember; 1 where something new is wrong (with `--all`: where something wrong is open).

    A channel that fails does not keep the others from being told, and is told again next time; the error comes last.
    """
    import kpilib

    settings = workbook.settings(args.workbook)
    channels = _channels(args, settings)
    book = kpilib.open(args.data)
    try:
        found = watch(book, settings, args.today)
        about = {"company": book.name, "currency": book.currency}
    finally:
        book.close()
    with remembered(args.state or default_file(), book.name) as told:
        told.look(found, args.language)
        printed = _letter(found, told, PRINTED, args, about)
        failed = [
            one for one in (_tell(send, found, told, name, args, about) for name, send in channels.items()) if one
        ]
        _print(printed, args)
        told.tell(printed.news, printed.over, PRINTED)
    if failed:
        raise BadInput(" ".join(failed))
    judged = [*printed.news, *(printed.open if args.all else ())]
    return int(any(one.severity in WRONG for one in judged))


def _channels(args: argparse.Namespace, settings: Any) -> dict[str, Callable[[Letter], Any]]:
    """How to tell each channel that was asked for; `BadInput` before anything is done where its settings lack."""
    channels: dict[str, Callable[[Letter], Any]] = {}
    if args.mail:
        if settings.alerts.mail is None:
            raise BadInput("--mail needs [alerts.mail] in workbook.toml: host, from and to.")
        from .mail import send

        channels[MAILED] = lambda letter: send(letter, settings.alerts.mail)
    if args.webhook is not None:
        url = args.webhook or (settings.alerts.webhook.url if settings.alerts.webhook else "")
        if not url:
            raise BadInput("--webhook needs an address: give it, or write url in [alerts.webhook] of workbook.toml.")
        from .webhook import post

        channels[POSTED] = lambda letter: post(url, letter.described())
    return channels


def _letter(found: Watch, told: Told, channel: str, args: argparse.Namespace, about: dict[str, str]) -> Letter:
    news = told.news(found.alerts, channel)
    still = [one for one in found.alerts if one not in news] if args.all or channel == PRINTED else []
    return Letter(watch=found, news=news, open=still, over=told.over(channel), locale=args.language, **about)


def _tell(
    send: Callable[[Letter], Any],
    found: Watch,
    told: Told,
    channel: str,
    args: argparse.Namespace,
    about: dict[str, str],
) -> str:
    """Tell a channel what it does not know; what went wrong, or nothing."""
    letter = _letter(found, told, channel, args, about)
    if letter.empty:
        return ""
    try:
        send(letter)
    except BadInput as error:
        return str(error)
    told.tell(letter.news, letter.over, channel)
    return ""


def _print(letter: Letter, args: argparse.Namespace) -> None:
    """Text for people, JSON for programs; with `--json -` JSON alone."""
    made = json.dumps(letter.described(), ensure_ascii=False, indent=1, allow_nan=False)
    if args.json == "-":
        print(made)
        return
    shown = letter if args.all else Letter(**{**vars(letter), "open": ()})
    sys.stdout.write(shown.text())
    if args.json:
        try:
            Path(args.json).write_text(made + "\n", encoding="utf-8")
        except OSError as error:
            raise BadInput(
                f"'{args.json}' cannot be written: {error.strerror}. Choose another file: --json FILE."
            ) from None
