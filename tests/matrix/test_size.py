"""How many cells the matrices of addresses (S1) and locked fields (S3) have; both are generated, nothing is asked."""

from tests.matrix import test_addresses, test_field_lock
from tests.matrix.world import ASKERS


def test_the_two_matrices_hold_more_than_ten_thousand_cells() -> None:
    assert len(ASKERS) == 9
    assert test_addresses.cells() + test_field_lock.cells() > 10_000
