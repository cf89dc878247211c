"""`fm doctor`: each setting and all that the bot depends on, what was found, and the exact fix.

It looks and asks, and changes nothing: it may run beside a running bot.
"""

from __future__ import annotations

from bot import app
from bot.app.providers import probe_vendors
from bot.doctor.database import database, soundness
from bot.doctor.delivery import delivery
from bot.doctor.finding import Finding, Verdict, failure
from bot.doctor.machine import data_folder, program, scans, web_server
from bot.doctor.round_trip import round_trip
from bot.doctor.slack import slack
from bot.doctor.variables import read_settings

__all__ = ["Finding", "Verdict", "examine"]


async def examine(*, full: bool) -> list[Finding]:
    """Everything, in the order in which one would fix it. `full` also has each do its work once."""
    settings, findings = read_settings()
    app.configure_logging(settings.model_copy(update={"log_level": "error"}))
    wrong = {finding.name for finding in findings if finding.verdict is Verdict.PROBLEM}
    findings += [program(), scans()]
    findings += [data_folder(settings), await database(settings), await web_server(settings)]
    if any(name.startswith("SLACK_") for name in wrong):
        findings.append(Finding("slack", Verdict.NOTE, "not asked: its settings are wrong"))
    else:
        findings += [finding async for finding in slack(settings)]
    for vendor, fault in (await probe_vendors(settings)).items():
        findings.append(failure(vendor, fault) if fault else Finding(vendor, Verdict.FINE, "can be used"))
    if full:
        if not any(name.startswith("SLACK_") for name in wrong):
            findings.append(await delivery(settings))
        findings += [await soundness(settings), await round_trip(settings)]
    return findings
