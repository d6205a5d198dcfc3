"""Data handed in under provision agreements: loaded, asked for by agreement and by provider, published by recipes.

The structures are a small cut of our own case of a dataflow with two agreements.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.settings import Settings
from registry.model.base import Maintainable
from registry.model.constraints import ComponentSelection, ConstraintAttachment, CubeRegion, DataConstraint, SelectedValue
from registry.model.identity import Urn
from registry.model.organisations import DataProvider, DataProviderScheme
from registry.model.provision import ProvisionAgreement
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import Command, written

FLOW, ONE, TWO = "CDE:DF_WATER(1.0.0)", "CDE:PA1(1.0.0)", "CDE:PA2(1.0.0)"


def an_agreement(name: str, flow: Maintainable, providers: DataProviderScheme, provider: str) -> ProvisionAgreement:
    urn = f"{Urn.of(providers)}.{provider}".replace("DataProviderScheme=", "DataProvider=")
    return ProvisionAgreement(id=name, agency_id="CDE", version="1.0.0", names={"en": name}, dataflow=str(Urn.of(flow)), data_provider=urn)


def artefacts(agreements: int = 2) -> list[Maintainable]:
    area, concepts = a_codelist(codes=["A1", "A2", "A3"]), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    flow, other = a_dataflow(structure), a_dataflow(structure, "DF_OTHER")
    providers = DataProviderScheme(
        id="DATA_PROVIDERS",
        agency_id="CDE",
        version="1.0",
        names={"en": "Providers"},
        data_providers=tuple(DataProvider(id=name, names={"en": name}) for name in ("P1", "P2")),
    )
    made = [an_agreement(f"PA{number}", flow, providers, f"P{number}") for number in range(1, agreements + 1)]
    made.append(an_agreement("PA_OTHER", other, providers, "P1"))
    admitted = ComponentSelection(id="AREA", values=(SelectedValue(value="A1"), SelectedValue(value="A3")))
    constraint = DataConstraint(
        id="CN_PA1",
        agency_id="CDE",
        version="1.0.0",
        names={"en": "Areas of the first"},
        constraint_attachment=ConstraintAttachment(provision_agreements=(str(Urn.of(made[0])),)),
        cube_regions=(CubeRegion(include=True, key_values=(admitted,)),),
    )
    return [area, concepts, structure, flow, other, providers, *made, constraint]


def csv(path: Path, *rows: str, structure: str = f"dataflow,{FLOW}", action: str = "R") -> Path:
    lines = ["STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE", *(f"{structure},{action},{row}" for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def load(exchange: Command, tmp_path: Path) -> Any:
    exchange("structures", "import", written(tmp_path / "structures.xml", *artefacts()))

    def run(*rows: str, agreement: str | None = None, **facts: str) -> Any:
        under = ["--agreement", agreement] if agreement else []
        return exchange("data", "load", csv(tmp_path / "data.csv", *rows, **facts), "--dataflow", FLOW, *under)

    return run


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(home=home))) as opened:
        yield opened


def areas(client: TestClient, path: str) -> list[str] | int:
    """The areas that an answer holds, or the status of an answer without data."""
    answer = client.get(path, headers={"Accept": "application/vnd.sdmx.data+csv;version=1.0.0"})
    if answer.status_code != 200:
        return answer.status_code
    lines = answer.text.splitlines()
    return [line.split(",")[lines[0].split(",").index("AREA")] for line in lines[1:]]


def test_agreements_and_providers_answer_only_what_was_handed_in_under_them(load: Any, client: TestClient) -> None:
    assert load("A1,2020,1", agreement=ONE).code == 0
    assert load("A2,2020,2", agreement=TWO).code == 0
    assert load("A3,2020,3").code == 0
    for agreement, found in {"PA1": ["A1"], "PA2": ["A2"], "*": ["A1", "A2"]}.items():
        assert areas(client, f"/sdmx/v2/data/provisionagreement/CDE/{agreement}/1.0.0") == found
    for provider, found in {"CDE,P1": ["A1"], "P2": ["A2"], "P1+P2": ["A1", "A2"], "all": ["A1", "A2", "A3"]}.items():
        assert areas(client, f"/sdmx/v1/data/CDE,DF_WATER,1.0.0/all/{provider}") == found
    assert areas(client, "/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0") == ["A1", "A2", "A3"]


def test_availability_by_agreement_and_by_provider_counts_only_theirs(load: Any, client: TestClient) -> None:
    load("A1,2020,1", "A3,2020,1", agreement=ONE)
    load("A2,2021,2", agreement=TWO)
    for path, count in {
        "/sdmx/v2/availability/provisionagreement/CDE/PA1/1.0.0": 2,
        "/sdmx/v2/availability/provisionagreement/CDE/PA2/1.0.0": 1,
        "/sdmx/v2/availability/dataflow/CDE/DF_WATER/1.0.0": 3,
    }.items():
        [constraint] = client.get(path, headers={"Accept": "application/vnd.sdmx.structure+json;version=2.0.0"}).json()["data"][
            "dataConstraints"
        ]
        counted = {annotation["id"]: annotation["title"] for annotation in constraint["annotations"]}
        assert counted["obs_count"] == str(count), path
    old = client.get("/sdmx/v1/availableconstraint/CDE,DF_WATER,1.0.0/all/P2", headers={"Accept": "*/*"})
    assert ("A2" in old.text, "A1" in old.text) == (True, False)


def test_what_was_handed_in_under_one_agreement_is_nothing_of_the_other(load: Any, client: TestClient) -> None:
    load("A1,2020,1", agreement=ONE)
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA2/1.0.0") == 404
    assert areas(client, "/sdmx/v1/data/CDE,DF_WATER,1.0.0/all/P2") == 404


def test_without_an_agreement_data_belong_to_the_only_agreement_there_is(exchange: Command, tmp_path: Path, client: TestClient) -> None:
    exchange("structures", "import", written(tmp_path / "structures.xml", *artefacts(agreements=1)))
    exchange("data", "load", csv(tmp_path / "data.csv", "A1,2020,1"), "--dataflow", FLOW)
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA1/1.0.0") == ["A1"]
    assert areas(client, "/sdmx/v1/data/CDE,DF_WATER,1.0.0/all/P1") == ["A1"]


@pytest.mark.parametrize("kind", ["dataprovision", "provisionagreement"])
def test_a_message_that_names_an_agreement_is_handed_in_under_it(load: Any, client: TestClient, kind: str) -> None:
    done = load("A2,2020,2", structure=f"{kind},{TWO}")
    assert done.code == 0, done.err
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA2/1.0.0") == ["A2"]
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA1/1.0.0") == 404


@pytest.mark.parametrize("alias", ["sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-csv-2.0", "sdmx-csv-2.1", "parquet"])
def test_an_answer_by_agreement_is_handed_in_under_it_again(
    exchange: Command, load: Any, client: TestClient, tmp_path: Path, alias: str
) -> None:
    load("A1,2020,2", agreement=ONE)
    load("A2,2020,2", agreement=TWO)
    answer = client.get("/sdmx/v2/data/provisionagreement/CDE/PA2/1.0.0", params={"format": alias})
    file = tmp_path / "answer"
    file.write_bytes(answer.content)
    assert exchange("data", "load", csv(tmp_path / "d.csv", "A2,2020,", action="D"), "--dataflow", FLOW).code == 0
    again = exchange("data", "load", file, "--dataflow", FLOW)
    assert again.code == 0, again.err
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA2/1.0.0") == ["A2"]


def test_datasets_of_several_agreements_each_keep_their_own(load: Any, client: TestClient, exchange: Command, tmp_path: Path) -> None:
    file = csv(tmp_path / "both.csv", "A1,2020,1", structure=f"dataprovision,{ONE}")
    rows = csv(tmp_path / "two.csv", "A2,2020,2", structure=f"dataprovision,{TWO}").read_text(encoding="utf-8").splitlines()
    file.write_text(file.read_text(encoding="utf-8") + rows[1] + "\n", encoding="utf-8")
    assert exchange("data", "load", file, "--dataflow", FLOW).code == 0
    for agreement, found in {"PA1": ["A1"], "PA2": ["A2"]}.items():
        assert areas(client, f"/sdmx/v2/data/provisionagreement/CDE/{agreement}/1.0.0") == found


def test_the_constraints_of_the_agreement_are_enforced_and_only_for_it(load: Any) -> None:
    refused = load("A2,2020,1", agreement=ONE)
    assert (refused.code, "constraint-violation" in refused.err) == (1, True)
    named = load("A2,2020,1", structure=f"dataprovision,{ONE}")
    assert (named.code, "constraint-violation" in named.err) == (1, True)
    assert load("A2,2020,1", agreement=TWO).code == 0
    assert load("A2,2021,1").code == 0


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"agreement": "CDE:PA_NONE(1.0.0)"}, "unknown-artefact"),
        ({"agreement": "CDE:PA_OTHER(1.0.0)"}, "whose agreements are: CDE:PA1(1.0.0), CDE:PA2(1.0.0). [invalid-observations]"),
        ({"agreement": "PA1"}, "not a provision agreement reference"),
        ({"structure": "dataprovision,CDE:PA_OTHER(1.0.0)"}, "is about CDE:DF_OTHER(1.0.0), not about CDE:DF_WATER(1.0.0)"),
        ({"structure": f"dataprovision,{TWO}", "agreement": ONE}, "not under CDE:PA1(1.0.0)"),
    ],
)
def test_an_agreement_that_is_not_one_of_the_dataflow_is_refused(load: Any, facts: dict[str, str], said: str) -> None:
    done = load("A1,2020,1", **facts)
    assert (done.code, done.out) == (1, "")
    assert said in done.err


def test_submissions_and_provenance_name_the_agreement(load: Any, client: TestClient, exchange: Command) -> None:
    load("A1,2020,1", agreement=ONE)
    assert f"for {FLOW} under {ONE}: 1 inserted" in exchange("submissions").out
    entities = client.get("/api/v1/provenance/CDE/DF_WATER/1.0.0/A1.2020").json()["entity"]
    assert entities["cde:observation/A1.2020"]["cde:provisionAgreement"] == ONE


def test_the_latest_version_of_an_agreement_is_meant_when_none_is_given(load: Any, client: TestClient) -> None:
    assert load("A1,2020,1", agreement="CDE:PA1").code == 0
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA1/1.0.0") == ["A1"]


RECIPE = """\
recipe: 1
id: WATER
agency: CDE
version: 1.0.0
names: {en: Water}
dataflow: CDE:DF_WATER(1.0.0)
provision_agreement: CDE:PA1(1.0.0)
publication: replace
source:
  reader: {format: csv, encoding: utf-8, delimiter: ","}
  columns: {area: {}, amount: {type: number}}
components:
  AREA: {column: area}
  TIME_PERIOD: {value: 2020}
indicators:
  TOTAL: {statistic: sum, of: amount}
provenance:
  collector: {id: CSO, name: Collectors}
  publisher: {id: HUB, name: Hub}
  licence: CC-BY-4.0
  method: Survey
"""


@pytest.fixture
def publish(exchange: Command, load: Any, tmp_path: Path) -> Any:
    def run(source: str, recipe: str = RECIPE) -> Any:
        (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")
        (tmp_path / "source.csv").write_text(source, encoding="utf-8")
        return exchange("recipe", "run", tmp_path / "recipe.yaml", tmp_path / "source.csv", "--publish")

    return run


def test_a_recipe_that_replaces_under_an_agreement_leaves_what_others_reported(load: Any, publish: Any, client: TestClient) -> None:
    load("A2,2020,2", agreement=TWO)
    load("A1,2019,2", agreement=ONE)
    done = publish("area,amount\nA1,4\nA3,5\n")
    assert "2 inserts, 0 updates, 1 deletes, 0 unchanged" in done.out, done.err
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA1/1.0.0") == ["A1", "A3"]
    assert areas(client, "/sdmx/v2/data/provisionagreement/CDE/PA2/1.0.0") == ["A2"]


def test_the_constraints_of_the_agreement_hold_for_a_recipe(publish: Any) -> None:
    done = publish("area,amount\nA2,4\n")
    assert (done.code, "constraint-violation" in done.out + done.err) == (1, True)


def test_a_recipe_whose_agreement_is_about_another_dataflow_is_not_in_order(exchange: Command, publish: Any, tmp_path: Path) -> None:
    publish("area,amount\nA1,4\n", RECIPE.replace("CDE:PA1", "CDE:PA_OTHER"))
    checked = exchange("recipe", "check", tmp_path / "recipe.yaml")
    assert checked.code == 1
    assert "recipe.yaml:7: " in checked.out
    assert "CDE:PA_OTHER(1.0.0) is about the dataflow CDE:DF_OTHER(1.0.0)" in checked.out
