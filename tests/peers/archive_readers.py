"""Reads an exported Parquet file as DuckDB or Spark does, and prints its rows for the test that started it.

Usage: archive_readers.py duckdb|spark FILE

Prints a JSON object a line: first `{"answer": …}`, what a query with bare column names finds, then each row without its
empty columns, times in microseconds since 1970 and bytes in base64.
"""

import json
import sys

TIMES = ["time", "logged_time"]
QUESTION = """
    SELECT status, count(*) AS n, min(src_endpoint_port) AS port FROM events
    WHERE class_uid = 3002 AND src_endpoint_ip = '203.0.113.9' GROUP BY status ORDER BY status
"""


def rows_of_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    events = connection.read_parquet(path)
    events.create_view("events")
    types = dict(zip(events.columns, map(str, events.types)))
    assert all(types[name] == "TIMESTAMP WITH TIME ZONE" for name in TIMES), types
    assert types["file_hashes"] == "VARCHAR[]" and types["raw_data_bytes"] == "BLOB", types
    yield {"answer": connection.execute(QUESTION).fetchall()}
    query = """
        SELECT to_json(row) FROM (SELECT * REPLACE (
            epoch_us(time) AS time, epoch_us(logged_time) AS logged_time, base64(raw_data_bytes) AS raw_data_bytes
        ) FROM events) AS row
    """
    for (text,) in connection.execute(query).fetchall():
        yield {name: value for name, value in json.loads(text).items() if value is not None}


def rows_of_spark(path):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").appName("archive").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    events = spark.read.parquet(path)
    events.createOrReplaceTempView("events")
    types = dict(events.dtypes)
    assert all(types[name] == "timestamp" for name in TIMES), types
    assert types["file_hashes"] == "array<string>" and types["raw_data_bytes"] == "binary", types
    yield {"answer": [list(row) for row in spark.sql(QUESTION).collect()]}
    special = {name: f"unix_micros({name}) AS {name}" for name in TIMES}
    special["raw_data_bytes"] = "base64(raw_data_bytes) AS raw_data_bytes"
    for text in events.selectExpr(*(special.get(name, name) for name in events.columns)).toJSON().collect():
        yield json.loads(text)
    spark.stop()


def main():
    engine, path = sys.argv[1:]
    rows = {"duckdb": rows_of_duckdb, "spark": rows_of_spark}[engine]
    for row in rows(path):
        print(json.dumps(row), flush=True)


main()
