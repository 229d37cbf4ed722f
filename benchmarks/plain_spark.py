"""What an analyst would write in Spark SQL without privacy: distinct devices per cell and hour of a feed.

The cell is that of `benchmarks.plain`: a rectangle as large as an average H3 cell of resolution 8, a few
multiplications and floors a row. Nothing is dropped, checked, encrypted or bounded.

``plain_spark.py FILES --master URL --latitude 52.3`` prints the rows of the answer and their sum.
"""

from __future__ import annotations

import argparse
import json

from benchmarks.plain import grid

COUNT = """
SELECT count(*) AS rows, sum(devices) AS devices FROM (
    SELECT
        CAST(floor(latitude * {rows_per_degree}) AS BIGINT) * 1000000
            + CAST(floor(longitude * {columns_per_degree}) AS BIGINT) AS cell,
        unix_seconds(timestamp) DIV 3600 AS hour,
        count(DISTINCT device_id) AS devices
    FROM pings GROUP BY 1, 2
)
"""


def main() -> None:
    """Answer the question, in JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files")
    parser.add_argument("--master", required=True)
    parser.add_argument("--latitude", type=float, required=True, help="where the grid has the area of an H3 cell")
    given = parser.parse_args()
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    spark = SparkSession.builder.master(given.master).appName("plain").config("spark.log.level", "ERROR").getOrCreate()
    rows_per_degree, columns_per_degree = grid(given.latitude)
    spark.read.parquet(given.files).createOrReplaceTempView("pings")
    query = COUNT.format(rows_per_degree=rows_per_degree, columns_per_degree=columns_per_degree)
    found = spark.sql(query).collect()[0].asDict()
    spark.stop()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
