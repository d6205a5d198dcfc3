"""The small rules around submissions: which addresses are public, what stands behind an error, limits, findings of a load, old records."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import msgspec
import polars as pl
import pytest

from exchange.app import open_services
from exchange.codecs.unpacking import MessageLimits
from exchange.errors import InvalidQuery
from exchange.services.former_ledger import take_over
from exchange.services.harvest_rules import HarvestRules
from exchange.services.harvesting import _check_address, _check_public, _Deadline, _refusal, _Refused, _translated
from exchange.services.ledger import Ledger, as_origin
from exchange.services.loading import RefusedObservations
from exchange.services.references import parse_agreement, parse_dataflow
from exchange.settings import Settings
from mappings.provenance.records import ProvenanceRecord, SourceRecord, SubmissionProvenance
from registry.errors import StoreUnavailable
from registry.findings import Finding, Severity
from registry.store.sql import open_store
from registry.submissions import SubmissionKind

RULES = HarvestRules(size=10, seconds=5)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 - refused, not bound
        "224.0.0.1", "239.255.255.250", "::1", "fe80::1%eth0", "fd00::1",
        "ff02::1", "ff0e::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "64:ff9b::7f00:1", "192.0.2.1", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_for_everyone_are_refused_in_every_spelling(address: str) -> None:
    with pytest.raises(_Refused, match=r"not public\. If that is meant, set EXCHANGE_HARVEST_PRIVATE=true"):
        _check_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "2002:5db8:d822::", "64:ff9b::5db8:d822", "2a00:1450::1%eth0"]
)
def test_public_addresses_pass_in_every_spelling(address: str) -> None:
    _check_public(address)


def test_only_the_prefix_of_nat64_hides_an_address_of_version_4() -> None:
    assert _translated(IPv6Address("64:ff9b::5db8:d822")) == ip_address("93.184.216.34")
    assert _translated(IPv6Address("64:ff9b::ffff:ffff")) == ip_address("255.255.255.255")
    for other in ("64:ff9b:1::5db8:d822", "64:ff9c::1", "64:ff9b::1:0:0", "::5db8:d822"):
        assert _translated(IPv6Address(other)) is None


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/passwd", "http:///nothing", "//example.org", "example.org", "HTTPX://a"]
)
def test_what_is_no_web_address_is_refused_even_where_private_ones_are_allowed(url: str) -> None:
    for rules in (RULES, replace(RULES, private=True)):
        with pytest.raises(_Refused, match="only http and https"):
            _check_address(url, rules)


def test_every_address_of_a_name_is_looked_at_unless_private_ones_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def addresses(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append((host, port))
        found = {"good.example": ["93.184.216.34"], "mixed.example": ["93.184.216.34", "10.0.0.1"]}.get(host)
        if found is None:
            raise OSError("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    _check_address("http://good.example/", RULES)
    _check_address("https://good.example/", RULES)
    _check_address("http://good.example:8080/", RULES)
    _check_address("http://nowhere.example/", RULES)
    assert asked == [("good.example", 80), ("good.example", 443), ("good.example", 8080), ("nowhere.example", 80)]
    with pytest.raises(_Refused, match="not public"):
        _check_address("http://mixed.example/", RULES)
    asked.clear()
    _check_address("http://mixed.example/", replace(RULES, private=True))
    assert asked == []


def test_the_rule_behind_an_error_is_found_however_it_is_wrapped() -> None:
    rule = _Refused("the rule")
    by_cause, by_context, by_reason, by_argument = OSError("a"), OSError("b"), OSError("c"), ValueError("text", OSError(rule))
    by_cause.__cause__ = RuntimeError(rule)
    by_context.__context__ = rule
    by_reason.reason = rule  # type: ignore[attr-defined]
    for error in (rule, by_cause, by_context, by_reason, by_argument):
        assert _refusal(error) == "the rule"
    for other in (None, OSError("x"), ValueError("text", OSError("y")), OSError(2, "No such file")):
        assert _refusal(other) is None


def test_time_that_is_left_runs_out_and_is_never_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    deadline = _Deadline(5, _began=100.0)
    assert (deadline.left, deadline.is_over) == (5.0, False)
    now[0] = 103.0
    assert (deadline.left, deadline.is_over) == (2.0, False)
    now[0] = 105.0
    assert (deadline.left, deadline.is_over) == (0.01, True)
    now[0] = 200.0
    assert (deadline.left, deadline.is_over) == (0.01, True)
    one, other = socket.socketpair()
    with one, other:
        deadline.watch(one)
        assert other.recv(1) == b"", "what is connected too late is cut at once"


def test_refused_observations_tell_the_first_findings_and_the_number_of_others() -> None:
    findings = [Finding("code", Severity.ERROR, f"problem {number}", "hint", row=number) for number in range(1, 4)]
    one, several = str(RefusedObservations("data.csv", findings[:1])), str(RefusedObservations("data.csv", findings))
    assert "data.csv" in one
    assert "problem 1" in one
    assert "more such" not in one
    assert "There are 2 more such findings." in several


@pytest.mark.parametrize("text", ["CDE:DF_X(1.0.0)", "CDE,DF_X,1.0.0", " CDE:DF_X(1.0.0) ", "CDE:DF_X(1.0.0", "CDE:DF_X,1.0.0"])
def test_references_are_read_in_the_spellings_people_use(text: str) -> None:
    assert parse_dataflow(text).short == "CDE:DF_X(1.0.0)"
    assert (parse_agreement(text).cls, parse_agreement(text).version) == ("ProvisionAgreement", "1.0.0")


def test_a_reference_without_a_version_means_the_latest_and_other_texts_are_refused() -> None:
    assert parse_dataflow("CDE.SUB:DF_X").version == "~"
    for text in ("DF_X", "", "CDE:DF X", "CDE:DF_X(1.0.0)x", "1CDE:DF_X", "CDE:DF_X()"):
        with pytest.raises(InvalidQuery, match="is not a dataflow reference; write AGENCY:ID"):
            parse_dataflow(text)
        with pytest.raises(InvalidQuery, match=r"is not a provision agreement reference.*PA_WATER_POINTS"):
            parse_agreement(text)


def record(submission: str, recipe: str | None = None) -> SubmissionProvenance:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = ProvenanceRecord(
        submission=submission,
        dataflow="CDE:DF_X(1.0.0)",
        dimensions=("AREA",),
        source=SourceRecord(name="x.csv", sha256="ab", bytes=3, rows=1, reader={}),
        recipe=None,
        software="test",
        agents=(),
        facts={},
        started=now,
        ended=now,
        steps=(),
        observations=7,
        suppressed=0,
        source_rows="exact",
    )
    return SubmissionProvenance(made, None if recipe is None else pl.DataFrame({"AREA": ["A"], "rows": [[1]]}))


def test_old_records_are_taken_over_once_with_and_without_source_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "provenance"
    registry = open_store(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    log = registry.submissions
    take_over(folder, log)
    for name, rows in (("ONE", None), ("TWO", "rows"), (".hidden", None)):
        origin = as_origin(record(name, rows))
        (folder / name).mkdir(parents=True)
        (folder / name / "record.json").write_bytes(origin.record)
        if origin.contributions is not None:
            (folder / name / "rows.parquet").write_bytes(origin.contributions)

    def unavailable(_: object) -> int:
        raise StoreUnavailable("read only")

    with monkeypatch.context() as patch:
        patch.setattr(log, "take_over", unavailable)
        take_over(folder, log)
    assert not (folder / "taken-over").exists(), "what could not be taken over is tried again"
    take_over(folder, log)
    assert (folder / "taken-over").exists()
    [two, one] = sorted(log.newest(), key=lambda found: found.id, reverse=True)
    assert [found.id for found in (one, two)] == ["ONE", "TWO"]
    assert (one.kind, one.actor, one.outcome, one.instant) == (
        SubmissionKind.DATA,
        "unknown",
        {"observations": 7},
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert [(part.name, part.sha256, part.bytes) for part in one.parts] == [("x.csv", "ab", 3)]
    kept = [Ledger(log).read(name) for name in ("ONE", "TWO")]
    assert [found is not None and found.contributions is not None for found in kept] == [False, True]
    (folder / "LATER").mkdir()
    (folder / "LATER" / "record.json").write_bytes(msgspec.json.encode(record("LATER").record))
    take_over(folder, log)
    assert log.find("LATER") is None, "a folder that was taken over is not read again"
    registry.close()


def test_limits_are_megabytes_of_two_to_the_twentieth_bytes(tmp_path: Path) -> None:
    services = open_services(Settings(home=tmp_path, message_megabytes=3, message_ratio=7, harvest_seconds=9, harvest_private=True))
    assert services.message_limits == MessageLimits(3 * 1_048_576, 7)
    assert services.harvest_rules == HarvestRules(3 * 1_048_576, 9, private=True)
    services.close()
