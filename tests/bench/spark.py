"""This project's Spark application as every local run starts it: its Java, with the cache of classes, and its jars."""

from pathlib import Path

from infra.local import aot, parts, services
from infra.local.java import java_home
from infra.local.service import Service
from infra.local.settings import LocalSettings


def java() -> Path:
    cache = LocalSettings().cache_dir
    return java_home(cache, aot.spark(cache).use())


def jars() -> str:
    return parts.all_parts(LocalSettings().cache_dir).spark_jars


def application(run: services.Run) -> Service:
    return services.spark(run, java(), jars())
