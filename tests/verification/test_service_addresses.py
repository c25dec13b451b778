"""Where the user of a number is: a true physical address, and what is none."""

import pytest

from verification.addresses import Address
from verification.postal_regions import postcode_fault, region_code
from verification.service_addresses import faults, not_physical


def address(**parts):
    whole = {
        "customer_name": "Anne Roy",
        "street": "14 Maple Street",
        "city": "Halifax",
        "region": "NS",
        "postal_code": "B3J 1A1",
        "iso_country": "CA",
    }
    return Address("AD" + "0" * 32, "AC" + "0" * 32, 1.0, 1.0, **{**whole, **parts})


@pytest.mark.parametrize(
    "line",
    [
        *("PO Box 12", "P.O. Box 12", "p o box 9", "P.0. BOX 12", "POB 12", "P.O.B. 7", "PO BOX"),
        *("Post Office Box 77", "P.O. Drawer 5", "Drawer 9", "Box 12", "Box #4190", "Postal Box 3"),
        *("12 Main St, PO Box 4", "RR 2 Box 152", "ＰＯ　Ｂｏｘ　１２", "P.O. Bx 12", "Lock Box 9"),
        *("C.P. 123", "CP 123 SUCC A", "Case postale 12", "CASIER POSTAL 8", "Tiroir postal 3"),
        *("B.P. 45", "BP 7", "Boîte postale 6", "Boîte 12", "Apartado 33", "Apartado Postal 33"),
        *("case  postale no 7", "C. P. No 9", "PSC 3 Box 4", "PO Box 12 STN Main", "POBox12"),
    ],
)
def test_a_post_office_box_is_no_service_address(line):
    assert not_physical(line) == "a post office box"


@pytest.mark.parametrize(
    "line",
    ["14 Main St PMB 202", "PMB202", "Private Mail Box 4", "Mailbox 12", "Sac privé 3", "CMRA 4"],
)
def test_a_private_mail_box_is_no_service_address(line):
    assert not_physical(line) == "a private mail box"


@pytest.mark.parametrize(
    "line",
    [
        *("General Delivery", "GENERAL DELIVERY STN MAIN", "Gen. Del.", "GD", "GD STN A"),
        *("Poste restante", "POSTE-RESTANTE", "Livraison générale", "Lista de correos"),
    ],
)
def test_general_delivery_is_no_service_address(line):
    assert not_physical(line) == "general delivery"


@pytest.mark.parametrize(
    "line",
    [
        *(
            "375 Beale St",
            "14 Boxwood Lane",
            "12 Box Elder Road",
            "9 Post Office Road",
            "1 Pob Way",
        ),
        *(
            "Box Canyon Rd 7",
            "88 Old Post Road",
            "12 rue de la Poste",
            "7 Boîte-à-Chanson",
            "Apt 4B",
        ),
        *("5 General Wolfe Avenue", "3 Calle General del Valle", "RR 1", "12 Privateer Drive"),
        *(
            "100 C Street",
            "40 B Plaza",
            "12 Drawers Lane",
            "Suite 300",
            "Unit B 12",
            "2 GD Nelson Way",
        ),
        *("", "14 Casier Road", "18 Delivery Road", "1200 Avenue McGill College"),
    ],
)
def test_a_street_is_taken_though_it_sounds_like_a_box(line):
    assert not_physical(line) is None


def test_each_wrong_part_of_an_address_is_named():
    wrong = faults(
        address(street="PO Box 9", street_secondary="PMB 4", region="Nowhere", postal_code="94105")
    )
    assert [text.split()[0] for text in wrong] == [
        "Street",
        "StreetSecondary",
        "Region",
        "PostalCode",
    ]
    assert faults(address()) == []


def test_the_refusals_read_the_whole_address_and_say_what_is_needed():
    assert "a true physical address is needed" in faults(address(city="General Delivery"))[0]


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("CA", "QC", "QC"),
        ("CA", "québec", "QC"),
        ("CA", "Île-du-Prince-Édouard", "PE"),
        ("CA", "Nouveau Brunswick", "NB"),
        ("CA", "B.C.", "BC"),
        ("US", "california", "CA"),
        ("US", "new  york", "NY"),
        ("US", "ON", None),
        ("CA", "CA", None),
    ],
)
def test_a_region_is_known_by_its_code_and_its_names(country, text, code):
    assert region_code(country, text) == code


@pytest.mark.parametrize(
    ("country", "region", "postcode", "fits"),
    [
        ("US", "CA", "94105", True),
        ("US", "CA", "94105-1804", True),
        ("US", "CA", "941051804", True),
        ("US", "NY", "94105", False),
        ("US", "NY", "06390", True),
        ("US", "TX", "7520", False),
        ("CA", "NS", "B3J 1A1", True),
        ("CA", "NS", "b3j1a1", True),
        ("CA", "NS", "H2X 1Y4", False),
        ("CA", "QC", "H2X 1Y4", True),
        ("CA", "QC", "K1A 0B1", True),
        ("CA", "QC", "K2P 1L4", False),
        ("CA", "NU", "X0A 0H0", True),
        ("CA", "NT", "X0A 0H0", False),
        ("CA", "NT", "X1A 2L9", True),
        ("CA", "ON", "D1A 1A1", False),
        ("CA", "ON", "K1A O1A", False),
        ("CA", None, "B3J 1A1", True),
        ("US", None, "B3J 1A1", False),
        ("US", "CA", "９４１０５", False),
    ],
)
def test_a_postcode_is_one_of_its_region(country, region, postcode, fits):
    assert (postcode_fault(country, region, postcode) is None) is fits


def test_every_state_and_province_has_postcodes():
    for country, codes in (("US", "AL WY PR DC"), ("CA", "AB YT QC NU")):
        assert all(region_code(country, code) == code for code in codes.split())
    assert region_code("US", "Puerto Rico") == "PR"
