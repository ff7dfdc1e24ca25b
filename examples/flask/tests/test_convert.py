import pytest

from rates.convert import UnknownCurrency, convert


@pytest.mark.parametrize(
    ("cents", "source", "target", "expected"),
    [
        (1000, "EUR", "EUR", 1000),
        (1000, "EUR", "USD", 1090),
        (1120, "SEK", "EUR", 100),
        (50, "EUR", "USD", 55),  # 54.5
    ],
)
def test_converts_and_rounds_half_up(cents, source, target, expected):
    assert convert(cents, source, target) == expected


def test_refuses_a_currency_that_it_does_not_know():
    with pytest.raises(UnknownCurrency, match="XXX is not one of EUR"):
        convert(1, "EUR", "XXX")
