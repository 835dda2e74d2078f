"""A Grubhub instance so small that its day can be written down by hand."""

from pathlib import Path

import pytest

FILES = {
    "instance_parameters.txt": (
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door"
        "\tmaximum click-to-door\tpay per order\tguaranteed pay per hour\n100\t4\t4\t40\t90\t10\t15\n"
    ),
    "restaurants.txt": "restaurant\tx\ty\nr1\t0\t0\n",
    "couriers.txt": "courier\tx\ty\ton_time\toff_time\nc1\t300\t0\t0\t120\n",
    "orders.txt": (
        "order\tx\ty\tplacement_time\trestaurant\tready_time\no1\t500\t0\t5\tr1\t12\no2\t0\t-250\t13\tr1\t30\n"
    ),
}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """One courier, one restaurant, two orders."""
    folder = tmp_path / "toy"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
