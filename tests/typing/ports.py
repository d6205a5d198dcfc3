"""Every port with the adapters that fulfil it. Nothing here is run: ``make check`` reads it, and an adapter that drifts away fails there.

What does not fit stands at the end, with the error that mypy must find: an unused ``type: ignore`` is an error as well, so that a
port which admits everything is noticed.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.columnar.data_message import ArrowEncoder, ParquetEncoder
from exchange.codecs.columnar.reading import ColumnarDecoder
from exchange.codecs.ports import DataDecoder, DataEncoder, StructureCodec
from exchange.codecs.sdmx_csv.dialect import CsvDialect
from exchange.codecs.sdmx_csv.reading import SdmxCsvDecoder
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.codecs.sdmx_json.data.dialect import JsonDataDialect
from exchange.codecs.sdmx_json.data.message import SdmxJsonEncoder
from exchange.codecs.sdmx_json.data.reading import SdmxJsonDataDecoder
from exchange.codecs.sdmx_json.dialect import JsonDialect
from exchange.codecs.sdmx_json.structure_message import SdmxJsonStructureCodec
from exchange.codecs.sdmx_ml.data.dialect import XmlDataDialect
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.reading import SdmxMlDataDecoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.codecs.sdmx_ml.dialect import XmlDialect
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import ObservationStore
from exchange.services.agreements import Agreements
from exchange.services.intake import Intake
from exchange.services.publication import IntakeSink
from mappings.engines.duckdb_engine import DuckDBEngine
from mappings.engines.polars_engine import PolarsEngine
from mappings.ports import FrameEngine, SchemaSource
from mappings.provenance.ports import ObservationSink
from mappings.readers.catalogue import AutomaticReader
from mappings.readers.delimited import DelimitedReader
from mappings.readers.ports import DatasetReader
from mappings.readers.spreadsheet import SpreadsheetReader
from registry.references.expand import ReferenceGraph
from registry.services.schemas import SchemaReader
from registry.services.snapshots import Snapshot
from registry.services.structures import QueryGraph
from registry.store.ports import ArtefactStore, SubmissionLog
from registry.store.sql import SqlArtefactStore, open_store
from registry.store.submissions import SqlSubmissionLog
from tests.mappings.sinks import MemorySink

# --- the stores


def artefact_store(engine: Engine) -> ArtefactStore:
    return SqlArtefactStore(engine)


def opened_artefact_store(url: str) -> ArtefactStore:
    return open_store(url)


def submission_log(engine: Engine) -> SubmissionLog:
    return SqlSubmissionLog(engine)


def submission_log_beside_the_artefacts(store: SqlArtefactStore) -> SubmissionLog:
    return store.submissions


def observation_store(url: str) -> ObservationStore:
    return DeltaObservationStore(url)


def reference_graphs(graph: QueryGraph, snapshot: Snapshot) -> list[ReferenceGraph]:
    return [graph, snapshot]


# --- the codecs


def structure_codecs(json: JsonDialect, xml: XmlDialect) -> list[StructureCodec]:
    return [SdmxJsonStructureCodec(json), SdmxMlStructureCodec(xml)]


def encoders(csv: CsvDialect, json: JsonDataDialect, xml: XmlDataDialect) -> list[DataEncoder]:
    return [
        SdmxCsvEncoder(csv),
        SdmxJsonEncoder(json),
        StructureSpecificEncoder(xml),
        GenericEncoder(),
        ParquetEncoder(),
        ArrowEncoder(),
    ]


def decoders() -> list[DataDecoder]:
    return [SdmxCsvDecoder(), SdmxJsonDataDecoder(), SdmxMlDataDecoder(), ColumnarDecoder()]


# --- what a run of a recipe needs


def engines() -> list[FrameEngine]:
    return [PolarsEngine(), DuckDBEngine()]


def engine_classes() -> list[Callable[[], FrameEngine]]:
    return [PolarsEngine, DuckDBEngine]


def readers() -> list[DatasetReader]:
    return [AutomaticReader(), DelimitedReader(), SpreadsheetReader()]


def schema_source(store: ArtefactStore) -> SchemaSource:
    return SchemaReader(store)


def sinks(intake: Intake, agreements: Agreements) -> list[ObservationSink]:
    return [IntakeSink(intake, agreements), MemorySink()]


# --- what does not fit


class EngineThatCannotCheckpoint:
    """An engine of another time: nobody may look at its rows twice."""

    read = PolarsEngine.read
    to_polars = PolarsEngine.to_polars


def not_an_engine() -> FrameEngine:
    return EngineThatCannotCheckpoint()  # type: ignore[return-value]


def a_decoder_is_no_encoder() -> DataEncoder:
    return SdmxCsvDecoder()  # type: ignore[return-value]


def codecs_of_structures_are_none_of_data(json: JsonDialect) -> DataDecoder:
    return SdmxJsonStructureCodec(json)  # type: ignore[return-value]


def stores_are_not_each_other(url: str) -> ArtefactStore:
    return DeltaObservationStore(url)  # type: ignore[return-value]


def the_catalogue_takes_no_encoder_for_a_decoder() -> Catalogue:
    return Catalogue(structures={}, encoders={}, decoders={"parquet": ParquetEncoder()})  # type: ignore[dict-item]
