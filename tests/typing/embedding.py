"""How a program calls the three packages, and what it gets. Nothing here is run: ``make check`` reads it.

The types of answers are said in full (``assert_type``): an answer that becomes ``Any`` on its way is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

import polars as pl

from exchange.app import open_services
from exchange.codecs.catalogue import default_catalogue
from exchange.codecs.negotiation.media_types import DATA_CSV_2_1, STRUCTURE_JSON_2_1
from exchange.codecs.ports import DataEncoder, DataMessage, DataOptions, DataSet, ReadStructures, StructureOptions, WrittenStructures
from exchange.observations.ports import Action, Change, ObservationStore, Receipt, Scan
from exchange.query.values.data_query import ALL_DIMENSIONS, ObservationSelection
from exchange.services.container import Services
from exchange.settings import Settings
from mappings.engines.catalogue import engine_called
from mappings.engines.names import EngineName
from mappings.ports import FrameEngine
from mappings.provenance.ports import ObservationSink
from mappings.readers.catalogue import read_source
from mappings.readers.ports import SourceTable
from mappings.recipe.loading import LoadedRecipe, load_recipe
from mappings.run.pipeline import run_recipe
from mappings.run.report import RecipeRun
from registry.data_schema import DataSchema
from registry.findings import Finding
from registry.imports.apply import import_structures
from registry.imports.report import ImportReport
from registry.model.base import Maintainable
from registry.services.schemas import SchemaReader
from registry.services.structure_query import Detail, Relation, StructureQuery
from registry.services.structures import StructureAnswer, answer
from registry.store.ports import ArtefactStore


def structures_in_and_out(store: ArtefactStore, content: bytes) -> bytes:
    codec = default_catalogue().structure(STRUCTURE_JSON_2_1)
    read = assert_type(codec.decode(content), ReadStructures)
    report = assert_type(import_structures(store, read.message.artefacts), ImportReport)
    assert not report.refused
    query = StructureQuery(resources=frozenset({"codelist"}), relations=frozenset({Relation.CHILDREN}), detail=Detail.FULL)
    found = assert_type(answer(store, query), StructureAnswer)
    assert_type(found.artefacts, tuple[Maintainable, ...])
    written = assert_type(codec.write(read.message, StructureOptions(languages=("en", "fr"))), WrittenStructures)
    assert_type(written.losses, tuple[Finding, ...])
    return written.content


def observations_in_and_out(store: ObservationStore, schemas: SchemaReader, batch: pl.DataFrame) -> Iterator[bytes]:
    schema = assert_type(schemas.for_dataflow("CDE", "DF_WATER"), DataSchema)
    receipt = assert_type(store.submit(schema, [Change(Action.MERGE, [batch])], submission="first"), Receipt)
    assert receipt.inserted == batch.height
    scan = assert_type(store.scan(schema, ObservationSelection(), [component.id for component in schema.components]), Scan)
    encoder = assert_type(default_catalogue().encoder(DATA_CSV_2_1), DataEncoder)
    dataset = DataSet(schema, scan.batches, scan.columns, ALL_DIMENSIONS)
    return encoder.encode(DataMessage([dataset]), DataOptions(labels="both"))


def a_recipe(path: Path, source: Path, schemas: SchemaReader, sink: ObservationSink) -> pl.DataFrame:
    loaded = assert_type(load_recipe(path), LoadedRecipe)
    engine = assert_type(engine_called(EngineName.DUCKDB), FrameEngine)
    run = assert_type(run_recipe(loaded, source, schemas=schemas, sink=sink, publish=True, engine=engine), RecipeRun)
    assert_type(run.published, bool)
    return run.observations


def a_source(path: Path) -> list[str]:
    return assert_type(read_source(path), SourceTable).columns


def the_service(home: Path) -> ArtefactStore:
    services = assert_type(open_services(Settings(home=home)), Services)
    assert_type(services.observations, ObservationStore)
    return assert_type(services.artefacts, ArtefactStore)


def spellings_of_options_are_checked() -> DataOptions:
    return DataOptions(labels="names")  # type: ignore[arg-type]
