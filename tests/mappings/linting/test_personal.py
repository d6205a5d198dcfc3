"""Personal columns never become values that are published, unless the recipe says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mappings.errors import InvalidRecipe
from mappings.linting.linter import lint
from mappings.recipe.loading import load_recipe

#: Our own case (Apache-2.0): WHO would publish the column of names.
PERSONAL_PUBLISHED = """\
recipe: 1
id: P
agency: PR
version: 1.0.0
names: {en: P}
dataflow: PR:DF_P(1.0.0)
source:
  reader: {format: csv}
  columns: {day: {type: date, format: "%d/%m/%Y"}, area: {}, val: {type: number, strip: ["%"]}, name: {personal: true}}
components:
  {AREA: {column: area, codes: {N: N, S: S}}, TIME_PERIOD: {column: day, time: {to: D}}, WHO: {column: name}, OBS_STATUS: {value: A}}
indicators: {V: {statistic: value, of: val}}
provenance: {collector: {id: A, name: A}, publisher: {id: A, name: A}, licence: x, method: x}
"""
AS_IT_STANDS = (
    ("statistic: sum, of: amount", "statistic: value, of: amount"), ("totals: {groupings: all}\n", ""),
    ("S}, total: _T", "S}"), ("_U, total: _T", "_U"),
)  # fmt: skip


def as_it_stands(small: Any) -> Any:
    for old, new in AS_IT_STANDS:
        small.change(old, new)
    return small


def test_a_personal_attribute_is_refused_without_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(PERSONAL_PUBLISHED, encoding="utf-8")
    (problem,) = lint(load_recipe(path))
    assert "recipe.yaml:11: components.WHO: publishes the personal column 'name'" in problem
    reasoned = PERSONAL_PUBLISHED.replace("{column: name}", "{column: name, publish_personal: they are elected}")
    path.write_text(reasoned, encoding="utf-8")
    assert lint(load_recipe(path)) == []


@pytest.mark.parametrize("personal", ["{personal: true}", "{personal: true, trim: true}"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{column: kind, codes: {a: A, b: B}", "{column: who, codes: {Ann: A, Bob: B}"),
        ("{column: kind, codes: {a: A, b: B}", "{column: who"),
        ("{column: kind, codes: {a: A, b: B}", "{column: made"),
        ("{column: kind, codes: {a: A, b: B}", "{column: mapped"),
        ("{column: kind, codes: {a: A, b: B}", "{column: again"),
        ("{column: kind, codes: {a: A, b: B}, missing: _U", "{multi_select: several"),
        ("{value: 2023}", "{column: who, time: {to: A}}"),
        ("statistic: sum, of: amount", "statistic: max, of: number, extremes_on_purpose: no"),
        ("statistic: sum, of: amount", "statistic: min, of: number * 2"),
        ("statistic: sum, of: amount", "statistic: max, of: highest"),
    ],
)
def test_every_way_by_which_a_personal_value_could_be_published_is_refused(small: Any, old: str, new: str, personal: str) -> None:
    small.change("kind: {}", f"kind: {{}}\n    who: {personal}\n    number: {{type: number, personal: true}}").change(old, new)
    small.add("multi_select: {several: {column: who, options: {Ann: A, Bob: B}}}\n")
    small.add("""derive:
  - {column: made, value: "upper(substring(who, 1, 3))"}
  - {column: mapped, value: "case when who = 'Ann' then 'A' else 'B' end"}
  - {column: again, value: "coalesce(kind, made)"}
  - {column: highest, statistic: max, of: number, within: [kind]}
""")
    told = [problem for problem in small.lint() if "publishes the personal column" in problem]
    assert len(told) == 1
    assert told[0].endswith("say under publish_personal why it may be published")


def test_a_pattern_declares_personal_columns_too(small: Any) -> None:
    small.change("    kind: {}\n", "").change("components:", "  patterns: [{matching: 'k*', personal: true}]\ncomponents:")
    assert any("KIND: publishes the personal column 'kind'" in problem for problem in small.lint())


def test_what_makes_a_personal_column_coarse_may_be_published(small: Any) -> None:
    small.change("kind: {}", "kind: {}\n    age: {type: number, personal: true}\n    who: {personal: true}")
    small.change("{column: kind, codes: {a: A, b: B}", "{column: adult, codes: {'yes': A, 'no': B}")
    small.add("derive: [{column: adult, value: \"case when age >= 18 then 'yes' else 'no' end\"}]\nunit: who\n")
    small.add("deduplicate: [{key: [who], keep: all, reason: Look.}]\n")
    assert small.lint() == []


def test_a_column_that_looks_personal_by_its_name_needs_a_reason(small: Any) -> None:
    small.change("kind: {}", "owner_name: {}").change("{column: kind,", "{column: owner_name,")
    (problem,) = small.lint()
    assert "publishes the column 'owner_name', which looks personal (name)" in problem
    small.change("{column: owner_name,", "{column: owner_name, publish_personal: 'kinds of owners, not persons',")
    assert small.lint() == []


def test_a_reason_must_say_something(small: Any) -> None:
    small.change("kind: {}", "kind: {personal: true}").change("{column: kind,", "{column: kind, publish_personal: ' ',")
    (problem,) = small.lint()
    assert "needs the reason" in problem


def test_a_column_that_looks_personal_only_in_the_data_stops_the_run(small: Any) -> None:
    as_it_stands(small).change("amount: {type: number}", "amount: {type: number}\n    remark: {}")
    small.change("OBS_STATUS: {value: A}", "OBS_STATUS: {value: A}\n  NOTE: {column: remark}")
    small.structures_text = small.structures_text.replace("max_length: 5, attach: dataset", "attach: observation")
    source = "region,kind,amount,remark\nnorth,a,1,ann@example.org\nsouth,b,2,bob@example.org\n"
    run = small.run(source)
    assert [(f.code, f.component, f.column, f.value) for f in run.refusals] == [("personal-column-published", "NOTE", "remark", None)]
    assert not run.publishable
    small.change("{column: remark}", "{column: remark, publish_personal: addresses of offices}")
    run = small.run(source)
    assert run.publishable
    assert next(step for step in run.steps if step.name == "profile").details["published_on_purpose"] == {"NOTE": "addresses of offices"}


def test_values_of_a_personal_column_stay_out_of_findings_even_where_they_may_be_published(small: Any) -> None:
    small.change("kind: {}", "kind: {personal: true}").change("{column: kind,", "{column: kind, publish_personal: stage names,")
    run = small.run("region,kind,amount\nnorth,a,1\nnorth,Ann Other,1\n")
    assert [(f.code, f.value) for f in run.findings if f.code == "unmapped-value"] == [("unmapped-value", None)]


def test_a_run_refuses_what_the_check_refuses(small: Any) -> None:
    small.change("kind: {}", "kind: {personal: true}")
    with pytest.raises(InvalidRecipe, match="publishes the personal column 'kind'"):
        small.run("region,kind,amount\nnorth,a,1\n")
