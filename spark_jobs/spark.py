"""The Spark session, each option with its reason."""

from pyspark.sql import SparkSession

from spark_jobs.settings import SparkSettings

_STREAMING = "org.apache.spark.sql.execution.streaming"
_FILES = f"{_STREAMING}.checkpointing"

OPTIONS = {
    # Rows between a query's stages leave after 1 ms at the latest; the default doubles the median and more.
    "spark.shuffle.streaming.networkBufferMaxWaitTimeMs": "1",
    # State off the heap: a day of 2,000 symbols is half a gigabyte.
    "spark.sql.streaming.stateStore.providerClass": f"{_STREAMING}.state.RocksDBStateStoreProvider",
    # Plain files instead of Hadoop's abstraction: the commit at a batch's end is what everything waits for.
    "spark.sql.streaming.checkpointFileManagerClass": f"{_FILES}.FileSystemBasedCheckpointFileManager",
    "spark.sql.streaming.realTimeMode.minBatchDuration": "1000",  # tests use short batches
    "spark.sql.session.timeZone": "UTC",  # only the screen knows Asia/Taipei
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def session(settings: SparkSettings) -> SparkSession:
    """A session for the two queries; raises if Java or the connector is missing."""
    builder = SparkSession.builder.appName("stock-insights").master(settings.spark_master)
    for name, value in (OPTIONS | _sized(settings)).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _sized(settings: SparkSettings) -> dict[str, str]:
    sized = {
        "spark.sql.shuffle.partitions": str(settings.spark_partitions),
        "spark.driver.memory": settings.spark_driver_memory,
    }
    if settings.spark_jars:
        sized["spark.jars"] = settings.spark_jars
    if settings.spark_master.startswith("local"):
        sized |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return sized
