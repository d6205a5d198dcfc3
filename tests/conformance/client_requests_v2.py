"""What known SDMX clients send to SDMX-REST 2.x, and what must come back."""

from __future__ import annotations

from tests.conformance.answers import artefacts, items, observations
from tests.conformance.client_requests import (
    ALL,
    AREAS,
    CLOSURE,
    COUNTRY,
    CSV_10,
    CSV_20,
    CSV_21,
    DATA_30,
    DATA_31,
    DATA_JSON_20,
    DATA_JSON_21,
    DSD,
    DSD_NAME,
    FLOW_NAME,
    FREQUENCIES,
    GENERIC,
    JSON_20,
    JSON_21,
    ML_21,
    ML_30,
    ML_31,
    SERIES_KEY,
    SPECIFIC,
    V2,
    count,
    counted,
    data,
    has_codes,
    holds,
    keys_only,
    kinds,
    only,
    refused,
    says,
    structure,
)
from tests.demo_server import AGENCY as A
from tests.demo_server import FLOW as F
from tests.demo_server import VERSION as V

STRUCTURE, DATA, AVAILABILITY = f"{V2}/structure", f"{V2}/data/dataflow/{A}/{F}/{V}", f"{V2}/availability/dataflow/{A}/{F}/{V}"
ENCODED_RANGE = "c%5BREF_AREA%5D=MW%2CNOWHERE&c%5BTIME_PERIOD%5D=ge%3A2020%2Ble%3A2023"

STRUCTURES = [
    structure(
        "pysdmx connector",
        f"{STRUCTURE}/dataflow/*/*/+/?detail=allcompletestubs",
        only(FLOW_NAME),
        says("href"),
        accept=JSON_20,
        type=JSON_20,
    ),
    structure("imfp", f"{STRUCTURE}/dataflow/all/*/+", only(FLOW_NAME), accept="application/json", type=JSON_21),
    *(
        structure("pysdmx sdmx-rest sdmx1 StatGPT", f"{STRUCTURE}/{path}", only(name), accept=accept, type=accept)
        for accept in (JSON_20, JSON_21, ML_30, ML_31, ML_21)
        for path, name in {
            f"dataflow/{A}/{F}/{V}": FLOW_NAME,
            f"datastructure/{A}/{DSD}/{V}": DSD_NAME,
            "codelist/SDMX/CL_FREQ/2.1": FREQUENCIES,
            f"conceptscheme/{A}/CS_WATER_POINTS/{V}": f"ConceptScheme {A}:CS_WATER_POINTS({V})",
        }.items()
    ),
    structure("StatGPT: a blank in the media type", f"{STRUCTURE}/codelist/SDMX/CL_FREQ", accept=JSON_20.replace(";", "; "), type=JSON_20),
    refused("pysdmx: then asks for the value list", f"{STRUCTURE}/codelist/{A}/CL_NOWHERE/1.0/", 404, JSON_20),
    refused("pysdmx", f"{STRUCTURE}/valuelist/{A}/CL_NOWHERE/1.0/", 404, JSON_20),
    structure(
        "pysdmx",
        f"{STRUCTURE}/conceptscheme/{A}/CS_WATER_POINTS/{V}?references=codelist",
        kinds("ConceptScheme", "Codelist"),
        accept=JSON_20,
        type=JSON_20,
    ),
    *(
        structure("pysdmx tidysdmx", f"{V2}/schema/{path}/", holds(DSD_NAME, AREAS), has_codes, accept=JSON_20, type=JSON_20)
        for path in (f"dataflow/{A}/{F}/{V}", f"datastructure/{A}/{DSD}/{V}")
    ),
    refused("pysdmx", f"{V2}/schema/provisionagreement/{A}/PA_NONE/1.0/", 404, JSON_20),
    refused(
        "sdmx-rest: schema languages are not offered yet",
        f"{V2}/schema/dataflow/{A}/{F}/{V}",
        406,
        "application/vnd.sdmx.schema+xml;version=3.0.0",
    ),
    *(
        refused("pysdmx: none here", f"{STRUCTURE}/{kind}/*/*/~", 404, JSON_20)
        for kind in ("structuremap", "representationmap", "dataconstraint", "valuelist")
    ),
    *(
        refused("pysdmx vtlengine: a kind that is not held yet", f"{STRUCTURE}/{kind}/{A}/X/1.0", 501, JSON_20)
        for kind in ("hierarchy", "transformationscheme", "vtlmappingscheme", "metadataconstraint")
    ),
    refused("pysdmx: reference metadata are not served yet", f"{V2}/metadata/metadataset/{A}/X/1.0", 501, JSON_20),
    refused("pysdmx: registrations are not served yet", f"{V2}/registration/id/X", 501, "application/vnd.sdmx.registry+xml;version=3.0.0"),
    *(
        structure("pysdmx sdmx-rest StatGPT", f"{STRUCTURE}/dataflow/{A}/{F}{version}", only(FLOW_NAME), accept=JSON_20, type=JSON_20)
        for version in ("/1.0.0", "", "/+", "/%2B", "/*", "/%2A", "/~", "/1.0.0+", "/1.0+.0", "/1+.0.0", "/1.0.0,2.0.0", "/")
    ),
    structure(
        "pysdmx",
        f"{STRUCTURE}/codelist/*/CL_WP_AREA,CL_FREQ/~/",
        only(AREAS, FREQUENCIES),
        accept=JSON_20,
        type=JSON_20,
    ),
    structure(
        "pysdmx", f"{STRUCTURE}/codelist/SDMX/CL_FREQ/2.1/A,Q", lambda a: items(a, "CL_FREQ") == ["A", "Q"], accept=JSON_20, type=JSON_20
    ),
    structure("pysdmx FMR", f"{STRUCTURE}/", holds(*CLOSURE), accept=JSON_20, type=JSON_20),
    structure("FMR", f"{STRUCTURE}", holds(*CLOSURE), accept=None, type=JSON_21),
    *(
        structure(
            "StatGPT pysdmx",
            f"{STRUCTURE}/dataflow/{A}/{F}/{V}?references={references}&detail={detail}",
            holds(FLOW_NAME),
            accept=accept,
            type=accept,
        )
        for references in ("none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all")
        for detail in ("full", "allstubs", "referencestubs", "allcompletestubs", "referencecompletestubs", "referencepartial", "raw")
        for accept in (JSON_20, ML_21)
    ),
    refused("StatGPT", f"{STRUCTURE}/dataflow/{A}/{F}/{V}?references=nonsense", 400, JSON_20),
    refused("StatGPT", f"{STRUCTURE}/dataflow/{A}/{F}/{V}?detail=nonsense", 400, JSON_20),
]

DATA_REQUESTS = [
    *(
        data("pysdmx sdmx-rest", DATA, accept=accept, type=accept)
        for accept in (GENERIC, SPECIFIC, DATA_30, DATA_31, DATA_JSON_20, DATA_JSON_21, CSV_10, CSV_20, CSV_21)
    ),
    *(
        refused("pysdmx sdmx-rest: not offered yet", DATA, 406, f"application/vnd.sdmx.{name}")
        for name in (
            "data+json;version=1.0.0",
            "structurespecifictimeseriesdata+xml;version=2.1",
            "generictimeseriesdata+xml;version=2.1",
        )
    ),
    data("RJSDMX", f"{DATA}/A.*.*.*.*?attributes=none&measures=none", keys_only, accept=SPECIFIC, type=SPECIFIC),
    *(
        data(
            "RJSDMX sdmx-rest", f"{DATA}?c[REF_AREA]=MW,NOWHERE&c[TIME_PERIOD]=ge:2020+le:2023", count(COUNTRY), accept=accept, type=accept
        )
        for accept in (SPECIFIC, DATA_JSON_20)
    ),
    *(
        data("pysdmx connector", f"{DATA}?{ENCODED_RANGE}&dimensionAtObservation=AllDimensions", count(COUNTRY), accept=accept, type=accept)
        for accept in (CSV_20, CSV_10)
    ),
    *(
        data("pysdmx sdmx-rest .Stat", f"{DATA}?{parameters}", accept=CSV_20, type=CSV_20)
        for parameters in (
            "attributes=dsd&measures=all",
            "attributes=none",
            "attributes=msd&measures=none&lastNObservations=1",
            "measures=none",
        )
    ),
    data("pysdmx", f"{DATA}?offset=10&limit=7&sort=REF_AREA:desc+TIME_PERIOD", count(7), accept=CSV_20, type=CSV_20),
    data("pysdmx", f"{DATA}?asOf=2999-01-01T00:00:00Z", accept=CSV_20, type=CSV_20),
    data("sdmx-rest", f"{V2}/data/dataflow/{A}/{F}/{V}/{SERIES_KEY}", count(1), accept=DATA_JSON_20, type=DATA_JSON_20),
    data("sdmx-rest", f"{V2}/data/*/{A}/*/*/*", accept=DATA_JSON_20, type=DATA_JSON_20),
    data("sdmx-rest", f"{V2}/data/datastructure/{A}/{DSD}/{V}", accept=DATA_JSON_20, type=DATA_JSON_20),
    data("browsers", f"{V2}/data", accept=None, type=DATA_JSON_21),
    structure(
        "pysdmx connector",
        f"{AVAILABILITY}/?references=all&mode=exact",
        holds(FLOW_NAME, DSD_NAME, AREAS),
        counted,
        accept=JSON_20,
        type=JSON_20,
    ),
    structure(
        "pysdmx sdmx-rest",
        f"{AVAILABILITY}/%2A/REF_AREA?references=codelist&mode=available",
        lambda a: any(name.startswith("Codelist") for name in artefacts(a)),
        accept=JSON_20,
        type=JSON_20,
    ),
    *(structure("StatGPT", f"{AVAILABILITY}/*/all?mode={mode}", counted, accept=JSON_20, type=JSON_20) for mode in ("exact", "available")),
    structure("RJSDMX", AVAILABILITY, counted, accept=ML_21),
    *(structure("every reader", AVAILABILITY, says("MW"), accept=accept, type=accept) for accept in (ML_30, ML_31, JSON_21)),
]

REFUSALS = [
    *(
        refused("every client", path, 404, accept)
        for path in (
            f"{V2}/data/dataflow/{A}/DF_NOWHERE",
            f"/rest/data/{A},DF_NOWHERE,1.0",
            f"/rest/codelist/{A}/CL_NOWHERE",
            "/rest/data/DF_NOWHERE/all/",
        )
        for accept in ("*/*", "application/xml")
    ),
    refused("rsdmx and others: an empty selection", f"/rest/data/{F}/A.NOWHERE...", 404),
    refused("an empty selection", f"{DATA}/A.NOWHERE.*.*.*", 404),
    *(
        refused("gateway", path, 406, accept)
        for path in (DATA, f"/rest/data/{F}")
        for accept in ("image/png", "application/vnd.sdmx.data+xml;version=9.9")
    ),
    *(
        refused("sdmx-rest", path, 400)
        for path in (
            f"/rest/data/{F}/A.B.C.D.E.F.G",
            f"{DATA}/A.B.C.D.E.F.G",
            f"{DATA}?c[NOWHERE]=1",
            f"{DATA}?c[REF_AREA]=MW&c[REF_AREA]=X",
            f"{DATA}?limit=-1",
            f"{DATA}?updatedAfter=yesterday",
            f"{DATA}?dimensionAtObservation=NOWHERE",
            f"{V2}/data/dataflow/{A}/{F}/1.x",
            f"{V2}/data/dataflow/{A}/{F}?asOf=2020-01-01&updatedAfter=2021-01-01",
            f"/rest/data/{A},{F},1.0.0,more",
            f"{AVAILABILITY}/*/*?mode=sometimes",
        )
    ),
    refused("pysdmx: nothing can be written over HTTP yet", "/ws/public/sdmxapi/rest/codelist", 405, method="POST", body=b"<x/>"),
]

MOUNTED = [
    structure("tidysdmx", "/FMR/sdmx/v2/structure/codelist/SDMX/CL_FREQ/~", only(FREQUENCIES), accept=JSON_20, type=JSON_20),
    structure("FMR users", "/ws/public/sdmxapi/rest/codelist/SDMX/CL_FREQ/latest/", only(FREQUENCIES)),
    data("every client", f"/sdmx/v1/data/{F}", lambda a: observations(a) == ALL),
]

REQUESTS_V2 = [*STRUCTURES, *DATA_REQUESTS, *REFUSALS, *MOUNTED]
