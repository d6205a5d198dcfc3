"""The catalogue of codecs: which formats can be written and read, and by what. Adding a format is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar

from exchange.codecs.columnar.data_message import ArrowEncoder, ParquetEncoder
from exchange.codecs.columnar.reading import ColumnarDecoder
from exchange.codecs.negotiation.media_types import (
    ARROW,
    DATA_CSV_1_0,
    DATA_CSV_2_0,
    DATA_CSV_2_1,
    DATA_JSON_1_0,
    DATA_JSON_2_0,
    DATA_JSON_2_1,
    DATA_ML_2_1,
    DATA_ML_2_1_GENERIC,
    DATA_ML_2_1_GENERIC_TIME_SERIES,
    DATA_ML_2_1_TIME_SERIES,
    DATA_ML_3_0,
    DATA_ML_3_1,
    PARQUET,
    STRUCTURE_JSON_2_0,
    STRUCTURE_JSON_2_1,
    STRUCTURE_ML_2_1,
    STRUCTURE_ML_3_0,
    STRUCTURE_ML_3_1,
    Format,
)
from exchange.codecs.ports import DataDecoder, DataEncoder, StructureCodec, StructureOptions, WrittenStructures
from exchange.codecs.sdmx_csv.dialect import SDMX_CSV_1_0, SDMX_CSV_2_0, SDMX_CSV_2_1
from exchange.codecs.sdmx_csv.reading import SdmxCsvDecoder
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.codecs.sdmx_json.data import dialect as json_data
from exchange.codecs.sdmx_json.data.message import SdmxJsonEncoder
from exchange.codecs.sdmx_json.data.reading import SdmxJsonDataDecoder
from exchange.codecs.sdmx_json.dialect import JSON_2_0, JSON_2_1
from exchange.codecs.sdmx_json.structure_message import SdmxJsonStructureCodec
from exchange.codecs.sdmx_ml.data import dialect as ml_data
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.reading import SdmxMlDataDecoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.codecs.sdmx_ml.dialect import SDMX_ML_2_1, SDMX_ML_3_0, SDMX_ML_3_1
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from exchange.errors import NotAcceptable, UnknownFormat
from registry.model.messages import StructureMessage

_Codec = TypeVar("_Codec")

#: One reader understands them all: the message says which it is.
_XML_DATA = (DATA_ML_3_1, DATA_ML_3_0, DATA_ML_2_1, DATA_ML_2_1_GENERIC, DATA_ML_2_1_TIME_SERIES, DATA_ML_2_1_GENERIC_TIME_SERIES)


class Catalogue:
    """Codecs by format. The order of the formats is the order in which they are offered."""

    def __init__(
        self,
        structures: Mapping[Format, StructureCodec],
        encoders: Mapping[Format, DataEncoder],
        decoders: Mapping[Format, DataDecoder],
    ) -> None:
        self._structures = dict(structures)
        self._encoders = dict(encoders)
        self._decoders = dict(decoders)

    @cached_property
    def structure_formats(self) -> tuple[Format, ...]:
        """Formats of structure messages, read and written alike."""
        return tuple(self._structures)

    @cached_property
    def data_formats(self) -> tuple[Format, ...]:
        """Formats in which data can be written."""
        return tuple(self._encoders)

    def structure(self, wanted: Format) -> StructureCodec:
        """The codec of a structure format.

        Raises:
            UnknownFormat: Lists what there is.
        """
        return _find(self._structures, wanted, "structures")

    def write_structures(self, wanted: Format, message: StructureMessage, options: StructureOptions) -> WrittenStructures:
        """A structure message in a format.

        Raises:
            UnknownFormat: Lists what there is.
            NotAcceptable: When the format can carry none of the artefacts; says why.
        """
        written = self.structure(wanted).write(message, options)
        if message.artefacts and not message.availability and len(written.left_out) == len(message.artefacts):
            raise NotAcceptable(f"{wanted.alias} can carry nothing of this. {written.left_out[0].message}. Ask for another format.")
        return written

    def encoder(self, wanted: Format) -> DataEncoder:
        """The writer of a data format.

        Raises:
            UnknownFormat: Lists what there is.
        """
        return _find(self._encoders, wanted, "written data")

    def decoder(self, wanted: Format) -> DataDecoder:
        """The reader of a data format.

        Raises:
            UnknownFormat: Lists what there is.
        """
        return _find(self._decoders, wanted, "data to be read")


def _find(codecs: dict[Format, _Codec], wanted: Format, what: str) -> _Codec:
    if wanted not in codecs:
        raise UnknownFormat(f"{wanted.alias} is not offered for {what}; there are {', '.join(known.alias for known in codecs)}.")
    return codecs[wanted]


def default_catalogue() -> Catalogue:
    """Every codec there is."""
    return Catalogue(
        structures={
            STRUCTURE_JSON_2_1: SdmxJsonStructureCodec(JSON_2_1),
            STRUCTURE_JSON_2_0: SdmxJsonStructureCodec(JSON_2_0),
            STRUCTURE_ML_3_1: SdmxMlStructureCodec(SDMX_ML_3_1),
            STRUCTURE_ML_3_0: SdmxMlStructureCodec(SDMX_ML_3_0),
            STRUCTURE_ML_2_1: SdmxMlStructureCodec(SDMX_ML_2_1),
        },
        encoders={
            DATA_JSON_2_1: SdmxJsonEncoder(json_data.DATA_2_1),
            DATA_JSON_2_0: SdmxJsonEncoder(json_data.DATA_2_0),
            DATA_ML_3_1: StructureSpecificEncoder(ml_data.DATA_3_1),
            DATA_ML_3_0: StructureSpecificEncoder(ml_data.DATA_3_0),
            DATA_ML_2_1: StructureSpecificEncoder(ml_data.DATA_2_1),
            DATA_ML_2_1_GENERIC: GenericEncoder(),
            DATA_CSV_2_1: SdmxCsvEncoder(SDMX_CSV_2_1),
            DATA_CSV_2_0: SdmxCsvEncoder(SDMX_CSV_2_0),
            DATA_CSV_1_0: SdmxCsvEncoder(SDMX_CSV_1_0),
            PARQUET: ParquetEncoder(),
            ARROW: ArrowEncoder(),
        },
        decoders={
            **dict.fromkeys((DATA_CSV_2_1, DATA_CSV_2_0, DATA_CSV_1_0), SdmxCsvDecoder()),
            **dict.fromkeys(_XML_DATA, SdmxMlDataDecoder()),
            **dict.fromkeys((DATA_JSON_2_1, DATA_JSON_2_0, DATA_JSON_1_0), SdmxJsonDataDecoder()),
            **dict.fromkeys((PARQUET, ARROW), ColumnarDecoder()),
        },
    )
