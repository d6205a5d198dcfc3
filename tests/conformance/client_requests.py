"""What known SDMX clients send, and what must come back: one entry per call, by the clients that make it.

V1 and V2 stand for the roots of SDMX-REST 1.x and 2.x. What belongs to later work (writing over HTTP, reference metadata, VTL,
hierarchies, SDMX-JSON 1.0, XML schemas) is listed with the answer it gets until then: a specified but missing resource is 501, a
format that is not offered 406.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.answers import Answer, artefacts, error_text, items, observations, series
from tests.demo_server import AGENCY as A
from tests.demo_server import FLOW as F
from tests.demo_server import VERSION as V

V1, V2 = "/rest", "/sdmx/v2"
DSD = "DSD_WATER_POINTS"
ML_21, ML_30, ML_31 = (f"application/vnd.sdmx.structure+xml;version={v}" for v in ("2.1", "3.0.0", "3.1.0"))
JSON_10, JSON_20, JSON_21 = (f"application/vnd.sdmx.structure+json;version={v}" for v in ("1.0", "2.0.0", "2.1.0"))
GENERIC = "application/vnd.sdmx.genericdata+xml;version=2.1"
SPECIFIC = "application/vnd.sdmx.structurespecificdata+xml;version=2.1"
DATA_30, DATA_31 = (f"application/vnd.sdmx.data+xml;version={v}" for v in ("3.0.0", "3.1.0"))
DATA_JSON_20, DATA_JSON_21 = (f"application/vnd.sdmx.data+json;version={v}" for v in ("2.0.0", "2.1.0"))
CSV_10, CSV_20, CSV_21 = (f"application/vnd.sdmx.data+csv;version={v}" for v in ("1.0.0", "2.0.0", "2.1.0"))
FLOW_NAME, DSD_NAME = f"Dataflow {A}:{F}({V})", f"DataStructure {A}:{DSD}({V})"
AREAS, FREQUENCIES = f"Codelist {A}:CL_WP_AREA({V})", "Codelist SDMX:CL_FREQ(2.1)"
#: Observations of the demo: all, those of the country, those of two areas about one indicator; each is a series.
ALL, COUNTRY, TWO_AREAS = 331, 54, 19
SERIES_KEY = "A.MW.WP_FUNCTIONAL._T._T"

Check = Callable[[Answer], object]


@dataclass(frozen=True)
class Request:
    """A call of a client and what must hold of the answer.

    Attributes:
        who: Clients that send it.
        type: Exact content type; None when there is no body to speak of.
        checks: What the body must be; each returns something true.
    """

    who: str
    target: str
    accept: str | None = "*/*"
    status: int = 200
    type: str | None = None
    checks: tuple[Check, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes | None = None

    def sent(self) -> dict[str, str]:
        return {**({"Accept": self.accept} if self.accept else {}), **self.headers}


def holds(*names: str) -> Check:
    return lambda answer: set(names) <= artefacts(answer)


def only(*names: str) -> Check:
    return lambda answer: set(names) == artefacts(answer)


def kinds(*expected: str) -> Check:
    return lambda answer: {name.partition(" ")[0] for name in artefacts(answer)} == set(expected)


def count(expected: int) -> Check:
    return lambda answer: observations(answer) == expected


def keys_only(answer: Answer) -> bool:
    return observations(answer) == 0 and series(answer) == ALL


def says(text: str) -> Check:
    return lambda answer: text in answer.text


def lacks(text: str) -> Check:
    return lambda answer: text not in answer.text


def is_error(answer: Answer) -> bool:
    return bool(error_text(answer))


def has_codes(answer: Answer) -> bool:
    return "A" in items(answer, "CL_FREQ") and "MW" in items(answer, "CL_WP_AREA")


def counted(answer: Answer) -> bool:
    return "series_count" in answer.text and "obs_count" in answer.text


def structure(who: str, path: str, *checks: Check, accept: str | None = "*/*", type: str = ML_21, **more: Any) -> Request:  # noqa: A002
    return Request(who, path, accept, 200, type, checks, **more)


def data(who: str, path: str, *checks: Check, accept: str | None = "*/*", type: str = GENERIC, **more: Any) -> Request:  # noqa: A002
    return Request(who, path, accept, 200, type, checks or (count(ALL),), **more)


def refused(who: str, path: str, status: int, accept: str | None = "*/*", **more: Any) -> Request:
    return Request(who, path, accept, status, None, (is_error,), **more)


FLOWS_1, STRUCTURES_1, DATA_1 = f"{V1}/dataflow/{A}/{F}", f"{V1}/datastructure", f"{V1}/data/{A},{F},{V}"
CLOSURE = (FLOW_NAME, DSD_NAME, AREAS, FREQUENCIES, f"ConceptScheme {A}:CS_WATER_POINTS({V})")

STRUCTURES_V1 = [
    structure("sdmx1 gateway sdmx-dl TCK", f"{V1}/dataflow/{A}/all/latest", only(FLOW_NAME)),
    structure("pandasdmx", f"{V1}/dataflow/{A}/latest", only(FLOW_NAME)),
    structure("opensdmx", f"{V1}/dataflow/{A}", only(FLOW_NAME), accept=ML_21),
    structure(
        "rsdmx sdmx-dl php-sdmx",
        f"{V1}/dataflow/all/all/latest/",
        holds(FLOW_NAME),
        accept="application/xml",
        headers={"Content-Type": "application/xml"},
    ),
    structure("sdmx1 pandasdmx gateway", f"{FLOWS_1}/latest?references=all", holds(*CLOSURE), has_codes),
    refused(".Stat: SDMX-JSON 1.0 is not offered yet", f"{FLOWS_1}/{V}?references=all&detail=referencepartial", 406, f"{JSON_10};urn=true"),
    structure("gateway", f"{FLOWS_1}/latest?references=all&detail=referencestubs", holds(*CLOSURE), lacks("<str:Code "), accept=ML_21),
    structure(
        "unicef sdmx-mcp",
        f"{V1}/dataflow/all/all/latest/?format=sdmx-json&detail=full&references=none",
        only(FLOW_NAME),
        type=JSON_21,
    ),
    structure("unicef sdmx-mcp", f"{FLOWS_1}/{V}/?format=sdmx-json&references=descendants", holds(*CLOSURE), has_codes, type=JSON_21),
    *(
        structure("sdmx1 TCK pysdmx", f"{FLOWS_1}?detail={detail}", only(FLOW_NAME), accept=ML_21)
        for detail in ("full", "allstubs", "referencestubs", "allcompletestubs", "referencecompletestubs", "referencepartial", "allStubs")
    ),
    *(
        structure("sdmx1 TCK", f"{FLOWS_1}?references={references}", holds(FLOW_NAME, *expected), accept=ML_21)
        for references, expected in {
            "none": (),
            "parents": (),
            "parentsandsiblings": (),
            "children": (DSD_NAME,),
            "descendants": CLOSURE,
            "all": CLOSURE,
            "codelist": (AREAS, FREQUENCIES),
            "contentconstraint": (),
            "categoryscheme": (),
        }.items()
    ),
    structure("sdmxthon", f"{V1}/dataflow/all/{F}/latest?references=descendants", holds(*CLOSURE), accept=None),
    structure("sdmx1", f"{STRUCTURES_1}/{A}/{DSD}/latest?references=all", holds(*CLOSURE), has_codes),
    structure("rsdmx", f"{STRUCTURES_1}/all/{DSD}/latest/?references=children", holds(DSD_NAME, AREAS), accept="application/xml"),
    structure(
        "RJSDMX Stata SAS Excel",
        f"{STRUCTURES_1}/{A}/{DSD}/{V}?references=descendants",
        holds(DSD_NAME, AREAS),
        has_codes,
        accept=ML_21,
        headers={"Accept-Language": "en;q=1.0"},
    ),
    structure("gateway sdmx-dl", f"{STRUCTURES_1}/{A}/{DSD}/{V}?references=children&detail=full", holds(DSD_NAME, AREAS), accept=ML_21),
    structure("opensdmx", f"{STRUCTURES_1}/ALL/{DSD}", only(DSD_NAME), accept=ML_21),
    structure(
        "Open SDG",
        f"{STRUCTURES_1}/{A}/{DSD}/latest/?format=sdmx-2.1&detail=full&references=children",
        holds(DSD_NAME, AREAS),
        says("<Ref id="),
        accept=None,
    ),
    structure("TCK", f"{STRUCTURES_1}/all/all/all?detail=allstubs", holds(DSD_NAME), says("structureURL="), accept=ML_21),
    structure("sdmx1 gateway", f"{V1}/codelist/SDMX/CL_FREQ/latest", only(FREQUENCIES)),
    structure("RJSDMX sdmx-dl", f"{V1}/codelist/SDMX/CL_FREQ/2.1", only(FREQUENCIES), accept=ML_21),
    structure("opensdmx", f"{V1}/codelist/ALL/CL_WP_AREA", only(AREAS), accept=ML_21),
    *(
        structure(
            "TCK sdmx-rest", f"{V1}/codelist/{A}/CL_WP_AREA{plus}CL_TARIFF", only(AREAS, f"Codelist {A}:CL_TARIFF({V})"), accept=ML_21
        )
        for plus in ("+", "%2B", "%2b")
    ),
    structure("TCK sdmx-rest", f"{V1}/codelist/SDMX/CL_FREQ/2.1/A", lambda a: items(a, "CL_FREQ") == ["A"], says('isPartial="true"')),
    structure("unicef sdmx-mcp", f"{V1}/codelist/SDMX/CL_FREQ/2.1/?format=sdmx-json", only(FREQUENCIES), type=JSON_21),
    structure("sdmx1 TCK", f"{V1}/conceptscheme/{A}/all/latest", holds(f"ConceptScheme {A}:CS_WATER_POINTS({V})")),
    structure("sdmx1 TCK", f"{V1}/structure/{A}/all/latest", holds(FLOW_NAME, DSD_NAME, AREAS)),
    *(
        refused("sdmx1 TCK .Stat: a kind that is held but of which there is none here", f"{V1}/{kind}/{A}/all/latest", 404)
        for kind in ("contentconstraint", "categorisation", "organisationunitscheme")
    ),
    structure("sdmx1 TCK", f"{V1}/dataproviderscheme/{A}/all/latest", only(f"DataProviderScheme {A}:DATA_PROVIDERS(1.0)")),
    structure("sdmx1 TCK", f"{V1}/provisionagreement/{A}/all/latest", only(f"ProvisionAgreement {A}:PA_WATER_POINTS({V})")),
    *(
        refused("sdmx1 unicef .Stat: a kind that is not held yet", f"{V1}/{kind}/{A}/all/latest", 501)
        for kind in ("hierarchicalcodelist", "structureset", "reportingtaxonomy", "process")
    ),
    refused("sdmx-rest TCK: schema languages are not offered yet", f"{V1}/schema/dataflow/{A}/{F}/{V}?explicitMeasure=false", 501),
]

DATA_V1 = [
    data("sdmx1 pandasdmx", f"{V1}/data/{F}"),
    data("sdmxthon", f"{V1}/data/{F}/all/all", accept=None),
    *(
        data("sdmx1 pysdmx sdmx-rest", f"{V1}/data/{flow}/A.MW...", count(COUNTRY), accept=accept, type=accept)
        for flow in (f"{A},{F},{V}", f"{A}%2C{F}%2C{V}", f"{A},{F},latest", f"{A},{F}", F)
        for accept in (GENERIC, SPECIFIC, CSV_10)
    ),
    refused("sdmx-rest: SDMX-JSON 1.0 is not offered yet", f"{DATA_1}/all", 406, "application/vnd.sdmx.data+json;version=1.0.0"),
    data("sdmx1 RJSDMX", f"{V1}/data/{F}/.MW...", count(COUNTRY), accept=SPECIFIC, type=SPECIFIC),
    *(
        data(
            "RJSDMX sdmx-rest",
            f"{V1}/data/{F}/A.MW{plus}MW_S15000_E034750.WP_FUNCTIONAL..",
            count(TWO_AREAS),
            accept=SPECIFIC,
            type=SPECIFIC,
        )
        for plus in ("+", "%2B")
    ),
    data("rsdmx", f"{V1}/data/{F}/A.MW.../all/?startPeriod=2020&endPeriod=2023", count(COUNTRY), accept="application/xml"),
    refused("rsdmx: nothing in these periods", f"{V1}/data/{F}/all/all/?startPeriod=2024&endPeriod=2025", 404, "application/xml"),
    *(
        data(
            "sdmx1 RJSDMX sdmx-dl TCK", f"{DATA_1}/all?detail={detail}", check, accept=accept, type=SPECIFIC if accept != "*/*" else GENERIC
        )
        for accept in ("*/*", SPECIFIC)
        for detail, check in {
            "full": says("OBS_STATUS"),
            "dataonly": lacks("OBS_STATUS"),
            "serieskeysonly": keys_only,
            "nodata": keys_only,
            "seriesKeysOnly": keys_only,
        }.items()
    ),
    data("sdmx1 pandasdmx opensdmx", f"{V1}/data/{F}?detail=serieskeysonly", keys_only),
    *(
        data("sdmx1 TCK Open SDG", f"{V1}/data/{F}?dimensionAtObservation={dimension}")
        for dimension in ("AllDimensions", "TIME_PERIOD", "REF_AREA")
    ),
    *(
        data("sdmx1 opensdmx unicef .Stat TCK", f"{V1}/data/{F}?{which}NObservations=1", accept=accept, type=type_)
        for which in ("first", "last")
        for accept, type_ in (("*/*", GENERIC), ("text/csv", CSV_10))
    ),
    data("sdmx1 sdmx-rest", f"{V1}/data/{F}?updatedAfter=2020-01-01T00:00:00%2B01:00"),
    data("sdmx-rest", f"{V1}/data/{F}?updatedAfter=2020-01-01T00:00:00+01:00"),
    refused("sdmx-rest: nothing was updated", f"{V1}/data/{F}?updatedAfter=2999-01-01T00:00:00Z", 404),
    data("sdmx1 RJSDMX TCK", f"{V1}/data/{F}?includeHistory=True"),
    data("Open SDG", f"{V1}/data/{A},{F}/A.MW.../ALL/?detail=full&dimensionAtObservation=TIME_PERIOD", count(COUNTRY), accept=None),
    data("readsdmx sdmxthon vtlengine", f"{V1}/data/{F}/all?format=structurespecificdata", type=SPECIFIC),
    data("vtlengine readsdmx", f"{V1}/data/{F}/all?format=genericdata"),
    data("opensdmx istatapi", f"{V1}/data/{F}/.MW...?startPeriod=2020&lastNObservations=1", count(COUNTRY), accept="text/csv", type=CSV_10),
    data("gateway", f"{DATA_1}/all", accept=CSV_10, type=CSV_10),
    data("unicef", f"{DATA_1}/all?lastNObservations=2&format=csv&labels=name", says("REF_AREA: "), type=f"{CSV_10};labels=both"),
    *(
        data(".Stat ecbdata", f"{DATA_1}/all?format={name}", type=type_)
        for name, type_ in (("csvdata", CSV_10), ("csvfile", CSV_10), ("csvfilewithlabels", f"{CSV_10};labels=both"))
    ),
    data(
        "Power BI",
        f"{DATA_1}/all?dimensionAtObservation=AllDimensions",
        lambda a: a.content.startswith(b"DATAFLOW,"),
        says("REF_AREA: "),
        accept="application/vnd.sdmx.data+csv;file=true;labels=both",
        type=f"{CSV_10};labels=both",
        headers={"Accept-Language": "en"},
    ),
    data(
        "Power BI",
        f"{DATA_1}/all",
        lambda a: a.content.startswith(b"DATAFLOW,FREQ,"),
        accept="application/vnd.sdmx.data+csv;file=true;labels=id",
        type=f"{CSV_10};labels=id",
    ),
    data(
        "sdmx-rest",
        f"{DATA_1}/all",
        says("2023"),
        accept=f"{CSV_10};labels=both;timeFormat=normalized",
        type=f"{CSV_10};labels=both;timeFormat=normalized",
    ),
    data(
        ".Stat",
        f"{DATA_1}/all?dimensionAtObservation=AllDimensions",
        lambda a: len(a.json["data"]["dataSets"][0]["observations"]) == ALL,
        accept="application/vnd.sdmx.data+json;version=2.0",
        type=DATA_JSON_20,
    ),
    data("SPC parser", f"{DATA_1}/all?format=jsondata", accept=None, type=DATA_JSON_21),
    data("SPC parser: parameters without a question mark", f"{DATA_1}/all&format=jsondata", accept=None, type=DATA_JSON_21),
    Request(
        ".Stat: a key too long for a URL",
        f"{DATA_1}/body",
        "application/json",
        200,
        DATA_JSON_21,
        (count(COUNTRY),),
        {"Content-Type": "application/x-www-form-urlencoded"},
        "POST",
        b"key=A.MW...",
    ),
    Request(
        ".Stat: a key too long for a URL",
        f"{DATA_1}/body",
        "*/*",
        200,
        GENERIC,
        (count(COUNTRY),),
        {"Content-Type": "multipart/form-data; boundary=x"},
        "POST",
        b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nA.MW...\r\n--x--\r\n',
    ),
    structure("sdmx1 RJSDMX opensdmx", f"{V1}/availableconstraint/{F}", counted, says("MW_S15000_E034750")),
    structure("sdmxthon gateway", f"{V1}/availableconstraint/{F}/all/all/all", counted, accept=None),
    *(
        structure(
            "sdmx-rest .Stat TCK",
            f"{V1}/availableconstraint/{A},{F},{V}/A.MW.../all/REF_AREA?mode={mode}&references={references}",
            check,
            accept=ML_21,
        )
        for mode, references, check in (
            ("available", "none", says("MW_S15000_E034750")),
            ("exact", "none", lacks("MW_S15000_E034750")),
            ("available", "codelist", holds(AREAS)),
        )
    ),
    structure("pysdmx", f"{V1}/availableconstraint/{A}%2C{F}%2C{V}/", accept=JSON_20, type=JSON_20),
]
