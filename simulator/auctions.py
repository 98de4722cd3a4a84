"""Everything that is not continuous trading: trials, the opening and closing auctions, pauses, odd lots, 14:30."""

from simulator import ticks
from simulator.book import Book
from simulator.floor import Floor
from simulator.prints import AFTER_HOURS_SERIAL, Fill, Print

OPENING_SIGMA = 0.008  # of the opening price around the reference price
TRIAL_SIGMA = 0.003
PAUSE_MOVE = 0.035  # a pause is called when the price would leave this band
ODD_SHARES = (1, 999)


def trial(floor: Floor, book: Book, now_us: int, flag: str = "") -> Print:
    """What would match now (試撮); `flag` says if an auction is put off."""
    price = _near(floor, book, book.last, TRIAL_SIGMA)
    fill = Fill(price, floor.rng.randint(1, 1_500), *_around(book, price))
    return floor.show(book, fill, floor.stamp(now_us), "isTrial", *filter(None, (flag,)))


def opening(floor: Floor, book: Book, now_us: int) -> Print:
    """The first print of the day, often the largest of the morning."""
    book.is_open = True
    fill = book.auction(_near(floor, book, book.last, OPENING_SIGMA), floor.rng.randint(20, 1_800))
    return floor.match(book, fill, floor.stamp(now_us), "isOpen")


def closing(floor: Floor, book: Book, at_us: int) -> Print:
    """The last print of the day, on the stroke; a third of a day's volume can be in it."""
    fill = book.auction(_near(floor, book, book.last, TRIAL_SIGMA), floor.rng.randint(20, 4_000))
    book.is_open = False
    return floor.match(book, fill, at_us, "isClose")


def pause(floor: Floor, book: Book, now_us: int) -> Print:
    """The notice that matching stops: the last price, size 0, no bid and ask."""
    book.is_paused = True
    up = floor.rng.random() < 0.5
    book.anchor = book.inside(int(book.last * (1 + PAUSE_MOVE * (1 if up else -1))))
    flag = "isLimitUpHalt" if up else "isLimitDownHalt"
    return floor.show(book, Fill(book.last, 0), floor.stamp(now_us), flag)


def resumption(floor: Floor, book: Book, now_us: int) -> Print:
    """The call auction that ends a pause: neither continuous nor opening nor closing."""
    book.is_paused = False
    fill = book.auction((book.last + book.anchor) // 2, floor.rng.randint(10, 400))
    return floor.match(book, fill, floor.stamp(now_us))


def periodic(floor: Floor, book: Book, now_us: int) -> Print:
    """The regular call auction of a stock that is not matched continuously."""
    fill = book.auction(_near(floor, book, book.last, TRIAL_SIGMA), floor.rng.randint(1, 120))
    return floor.match(book, fill, floor.stamp(now_us))


def odd_lot(floor: Floor, book: Book, now_us: int) -> Print:
    """One odd-lot auction, in shares."""
    fill = Fill(book.last, floor.rng.randint(*ODD_SHARES), book.bid, book.ask)
    return floor.odd(book, fill, floor.stamp(now_us))


def after_hours(floor: Floor, book: Book, at_us: int) -> Print:
    """The fixed-price match at the closing price: no book, no running volume, a serial of its own."""
    return book.writer.lots(Fill(book.last, floor.rng.randint(1, 60)), at_us, AFTER_HOURS_SERIAL, None)


def _near(floor: Floor, book: Book, price: int, sigma: float) -> int:
    return book.inside(int(price * (1 + floor.rng.gauss(0, sigma))))


def _around(book: Book, price: int) -> tuple[int | None, int | None]:
    ask = ticks.above(book.instrument.tick_table, price)
    return price, (ask if ask <= book.up else None)
