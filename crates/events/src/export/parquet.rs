//! Events as Apache Parquet.
//!
//! The crate's column writers are used as they are, without Arrow's arrays between: a row group is gathered here, column by
//! column, with the definition and repetition levels that the format asks for
//! (<https://parquet.apache.org/docs/file-format/nestedencoding/>).

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};

use super::columns::{Cell, ColumnKind, ExportColumn, export_columns};
use crate::StoredEvent;

/// How many rows a row group has at most.
pub(super) const GROUP_ROWS_MAX: usize = 65_536;
/// A row group whose values have reached this takes no more rows.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// How hard zstd tries: its own default.
const ZSTD_LEVEL: i32 = 3;
/// Columns whose values hardly repeat: a dictionary of them would be built only to be thrown away.
const WITHOUT_DICTIONARY: [&str; 4] = ["metadata_uid", "message", "raw_data", "raw_data_bytes"];

/// Writes events as Parquet.
pub(super) struct Parquet<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

impl<W: Write + Send> Parquet<W> {
    pub(super) fn new(out: W) -> io::Result<Self> {
        let schema = schema().map_err(io::Error::other)?;
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties()?)).map_err(io_error)?;
        let columns = export_columns().iter().map(Values::of).collect();
        Ok(Self { file, columns, rows: 0, bytes: 0 })
    }

    pub(super) fn add(&mut self, event: &StoredEvent) -> io::Result<()> {
        for (column, values) in export_columns().iter().zip(&mut self.columns) {
            self.bytes += values.add((column.value)(event));
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS_MAX || self.bytes >= GROUP_BYTES {
            self.write_group().map_err(io_error)?;
        }
        Ok(())
    }

    /// Writes what is left and returns the writer.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group().map_err(io_error)?;
        }
        self.file.into_inner().map_err(io_error)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for values in &mut self.columns {
            let mut column =
                group.next_column()?.ok_or_else(|| ParquetError::General("a column too few".to_owned()))?;
            values.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// An error of the file system keeps its kind, so that a full disk is told as one.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}

fn schema() -> Result<Type, ParquetError> {
    let fields = export_columns().iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>()?;
    Type::group_type_builder("events").with_fields(fields).build()
}

fn field(column: &ExportColumn) -> Result<Type, ParquetError> {
    let leaf = |name, physical, logical| {
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL).with_logical_type(logical)
    };
    let name = column.name;
    match column.kind {
        ColumnKind::Time => leaf(name, Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))).build(),
        ColumnKind::Integer => leaf(name, Physical::INT32, None).build(),
        ColumnKind::Long => leaf(name, Physical::INT64, None).build(),
        ColumnKind::Text => leaf(name, Physical::BYTE_ARRAY, Some(LogicalType::String)).build(),
        ColumnKind::Bytes => leaf(name, Physical::BYTE_ARRAY, None).build(),
        ColumnKind::Texts => {
            // The names are the format's: LogicalTypes.md, "Lists".
            let element = leaf("element", Physical::BYTE_ARRAY, Some(LogicalType::String)).build()?;
            let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
            let list = list.with_fields(vec![Arc::new(element)]).build()?;
            Type::group_type_builder(name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_converted_type(ConvertedType::LIST)
                .with_fields(vec![Arc::new(list)])
                .build()
        }
    }
}

fn properties() -> io::Result<WriterProperties> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(io::Error::other)?;
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("vigie version {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(level));
    for name in WITHOUT_DICTIONARY {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    for name in ["raw_data", "raw_data_bytes"] {
        properties = properties.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
    }
    Ok(properties.build())
}

/// The values of one column in a row group.
struct Values {
    typed: Typed,
    /// How much of each row's value is there: 0 nothing, the most all of it.
    definition: Vec<i16>,
    /// 1 where a value continues the list of the row before it; only for lists.
    repetition: Vec<i16>,
    list: bool,
}

enum Typed {
    Integers(Vec<i32>),
    Longs(Vec<i64>),
    Bytes(Vec<ByteArray>),
}

impl Values {
    fn of(column: &ExportColumn) -> Self {
        let typed = match column.kind {
            ColumnKind::Integer => Typed::Integers(Vec::new()),
            ColumnKind::Time | ColumnKind::Long => Typed::Longs(Vec::new()),
            ColumnKind::Text | ColumnKind::Texts | ColumnKind::Bytes => Typed::Bytes(Vec::new()),
        };
        let list = column.kind == ColumnKind::Texts;
        Self { typed, definition: Vec::new(), repetition: Vec::new(), list }
    }

    /// Adds a row's value. Returns about how many bytes it takes.
    fn add(&mut self, cell: Option<Cell<'_>>) -> usize {
        let Some(cell) = cell else {
            self.definition.push(0);
            if self.list {
                self.repetition.push(0);
            }
            return 0;
        };
        match (&mut self.typed, cell) {
            (Typed::Integers(values), Cell::Number(number)) => values.push(number as i32),
            (Typed::Longs(values), Cell::Number(number)) => values.push(number),
            (Typed::Bytes(values), Cell::Bytes(bytes)) => values.push(ByteArray::from(bytes)),
            (Typed::Bytes(values), Cell::Text(text)) => values.push(ByteArray::from(text.into_owned().into_bytes())),
            (Typed::Bytes(values), Cell::Texts(texts)) => {
                for (index, text) in texts.iter().enumerate() {
                    self.repetition.push(i16::from(index > 0));
                    self.definition.push(3);
                    values.push(ByteArray::from(text.clone().into_bytes()));
                }
                return texts.iter().map(String::len).sum();
            }
            (Typed::Integers(_) | Typed::Longs(_), _) | (Typed::Bytes(_), Cell::Number(_)) => {
                unreachable!("the table of columns gives each column values of its kind")
            }
        }
        self.definition.push(1);
        match &self.typed {
            Typed::Integers(_) => 4,
            Typed::Longs(_) => 8,
            Typed::Bytes(values) => values.last().map_or(0, |last| last.len() + size_of::<ByteArray>()),
        }
    }

    /// Writes the values to a column of a row group and forgets them.
    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let (definition, repetition) = (Some(&self.definition[..]), self.list.then_some(&self.repetition[..]));
        match &mut self.typed {
            Typed::Integers(values) => {
                column.typed::<Int32Type>().write_batch(values, definition, repetition)?;
                values.clear();
            }
            Typed::Longs(values) => {
                column.typed::<Int64Type>().write_batch(values, definition, repetition)?;
                values.clear();
            }
            Typed::Bytes(values) => {
                column.typed::<ByteArrayType>().write_batch(values, definition, repetition)?;
                values.clear();
            }
        }
        self.definition.clear();
        self.repetition.clear();
        Ok(())
    }
}
