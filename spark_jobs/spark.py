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
_ALONE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
_ANY = "0.0.0.0"  # noqa: S104 - who may come in is the network's to say, and spark.authenticate's


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
        sized["spark.jars"] = settings.spark_jars  # the workers fetch them from here
    return sized | (_among_others(settings) if settings.on_cluster else _ALONE)


def _among_others(settings: SparkSettings) -> dict[str, str]:
    memory = {"spark.executor.memory": settings.spark_executor_memory}
    if not settings.spark_driver_host:
        return memory
    # Inside a container there is no such address to listen on.
    return memory | {"spark.driver.host": settings.spark_driver_host, "spark.driver.bindAddress": _ANY}
