"""Twilio's Lookups v1 and v2, answered from the directory."""

import json

import pytest

from tests.verification.api.test_preview_orders import refused
from verification.numbers import Line, LineType

NUMBER = "+19029052034"
INTELLIGENCE = "?Fields=line_type_intelligence"


@pytest.fixture
def ask(api):
    def ask(version, number=NUMBER, query=""):
        return api.client.get(f"/{version}/PhoneNumbers/{number}{query}", headers=api.auth())

    return ask


@pytest.fixture
def asked_for(api, monkeypatch):
    """The numbers that the directory was asked for."""
    numbers = []
    look_up = api.directory.look_up

    def note(number):
        numbers.append(number)
        return look_up(number)

    monkeypatch.setattr(api.directory, "look_up", note)
    return numbers


def schema(shared_specs, file, name):
    schemas = json.loads((shared_specs / file).read_text())["components"]["schemas"]
    return set(schemas[name]["properties"])


class TestV1:
    def test_the_answer_has_exactly_the_fields_of_twilios_schema(self, ask, shared_specs):
        wanted = schema(shared_specs, "twilio_lookups_v1.json", "lookups.v1.phone_number")
        assert set(ask("v1").get_json()) == wanted

    def test_the_carrier_is_shown_when_it_is_asked_for(self, ask):
        assert ask("v1", query="?Type=carrier").get_json() == {
            "caller_name": None,
            "carrier": {
                "error_code": None,
                "mobile_country_code": None,
                "mobile_network_code": None,
                "name": "Iristel Inc. - ON",
                "type": "landline",
            },
            "country_code": "CA",
            "national_format": "(902) 905-2034",
            "phone_number": NUMBER,
            "add_ons": None,
            "url": f"http://localhost/v1/PhoneNumbers/{NUMBER}?Type=carrier",
        }

    @pytest.mark.parametrize("query", ["", "?Type=", "?Type=caller-name"])
    def test_the_directory_is_not_asked_for_what_nobody_wants(self, api, ask, asked_for, query):
        api.directory.line = None
        answer = ask("v1", query=query)
        assert (answer.status_code, answer.get_json()["carrier"]) == (200, None)
        assert asked_for == []

    def test_type_may_be_repeated(self, ask):
        both = ask("v1", query="?Type=carrier&Type=caller-name").get_json()
        assert both["carrier"]["type"] == "landline"
        assert both["caller_name"] == {"caller_name": None, "caller_type": None, "error_code": None}
        assert both["url"].endswith("?Type=carrier&Type=caller-name")

    @pytest.mark.parametrize(
        ("line_type", "word"),
        [
            (LineType.LANDLINE, "landline"),
            (LineType.MOBILE, "mobile"),
            (LineType.VOIP, "voip"),
            (LineType.TOLL_FREE, None),
            (LineType.OTHER, None),
            (None, None),
        ],
    )
    def test_each_line_type_has_its_word(self, api, ask, line_type, word):
        api.directory.line = Line(line_type, None)
        carrier = ask("v1", query="?Type=carrier").get_json()["carrier"]
        assert (carrier["type"], carrier["name"]) == (word, None)

    @pytest.mark.parametrize(
        "number", ["+1902905203", "+190290520344", "+12001234567", "abc", "+999123456789", "%00"]
    )
    def test_an_invalid_number_is_not_found(self, ask, asked_for, number):
        message = refused(ask("v1", number, "?Type=carrier"), 404, 20404)
        assert "/PhoneNumbers/" in message
        assert asked_for == []

    @pytest.mark.parametrize(
        "query", ["?Type=name", "?Type=carrier,caller-name", "?CountryCode=XX", "?CountryCode=USA"]
    )
    def test_a_wrong_query_has_its_error(self, ask, asked_for, query):
        refused(ask("v1", query=query), 400, 20001)
        assert asked_for == []


class TestV2:
    def test_the_answer_has_exactly_the_fields_of_twilios_schema(self, ask, shared_specs):
        wanted = schema(shared_specs, "twilio_lookups_v2.json", "LookupResponse")
        assert set(ask("v2").get_json()) == wanted
        assert set(ask("v2", "abc").get_json()) == wanted

    def test_the_line_has_exactly_the_fields_of_twilios_schema(self, ask, shared_specs):
        answer = ask("v2", query=f"{INTELLIGENCE},caller_name").get_json()
        file = "twilio_lookups_v2.json"
        line = schema(shared_specs, file, "LineTypeIntelligenceInfo")
        assert set(answer["line_type_intelligence"]) == line
        assert set(answer["caller_name"]) == schema(shared_specs, file, "CallerNameInfo")

    def test_the_line_is_shown_when_it_is_asked_for(self, ask):
        answer = ask("v2", query=INTELLIGENCE).get_json()
        shown = {name: value for name, value in answer.items() if value is not None}
        assert shown == {
            "calling_country_code": "1",
            "country_code": "CA",
            "phone_number": NUMBER,
            "national_format": "(902) 905-2034",
            "valid": True,
            "line_type_intelligence": {
                "error_code": None,
                "mobile_country_code": None,
                "mobile_network_code": None,
                "carrier_name": "Iristel Inc. - ON",
                "type": "landline",
            },
            "url": f"http://localhost/v2/PhoneNumbers/{NUMBER}",
        }

    @pytest.mark.parametrize("query", ["", "?Fields=", "?Fields=validation,caller_name"])
    def test_the_directory_is_not_asked_for_what_nobody_wants(self, api, ask, asked_for, query):
        api.directory.line = None
        answer = ask("v2", query=query).get_json()
        assert (answer["valid"], answer["line_type_intelligence"]) == (True, None)
        assert asked_for == []

    @pytest.mark.parametrize(
        ("line_type", "word"),
        [
            (LineType.LANDLINE, "landline"),
            (LineType.MOBILE, "mobile"),
            (LineType.VOIP, "nonFixedVoip"),
            (LineType.TOLL_FREE, "tollFree"),
            (LineType.OTHER, "unknown"),
            (None, None),
        ],
    )
    def test_each_line_type_has_its_word(self, api, ask, line_type, word):
        api.directory.line = Line(line_type, None)
        line = ask("v2", query=INTELLIGENCE).get_json()["line_type_intelligence"]
        assert (line["type"], line["carrier_name"]) == (word, None)

    @pytest.mark.parametrize(
        ("number", "reason"),
        [
            ("+1902905203", "TOO_SHORT"),
            ("9052034", "TOO_SHORT"),
            ("+190290520344", "TOO_LONG"),
            ("+1" + "2" * 3000, "TOO_LONG"),
            ("+12001234567", "INVALID_BUT_POSSIBLE"),
            ("+999123456789", "INVALID_COUNTRY_CODE"),
            ("abc", "NOT_A_NUMBER"),
            ("+", "NOT_A_NUMBER"),
        ],
    )
    def test_an_invalid_number_is_answered_with_the_reason(self, ask, asked_for, number, reason):
        answer = ask("v2", number, INTELLIGENCE)
        body = answer.get_json()
        assert answer.status_code == 200
        shown = {name: value for name, value in body.items() if value is not None}
        assert shown == {
            "phone_number": number,
            "valid": False,
            "validation_errors": [reason],
            "url": f"http://localhost/v2/PhoneNumbers/{number}",
        }
        assert asked_for == []

    def test_the_url_of_what_is_no_number_can_be_followed(self, api, ask):
        body = ask("v2", "a%20b%3Fc%22").get_json()
        assert body["phone_number"] == 'a b?c"'
        assert body["url"].endswith("/a%20b%3Fc%22")
        assert api.client.get(body["url"], headers=api.auth()).get_json() == body

    @pytest.mark.parametrize(
        "query",
        [
            "?Fields=line_type",
            "?Fields=line_type_intelligence&Fields=validation",
            "?Fields=" + "x" * 10000,
            "?Fields=%ff",
            "?CountryCode=XX",
            "?CountryCode=US&CountryCode=CA",
        ],
    )
    def test_a_wrong_query_has_its_error(self, ask, asked_for, query):
        refused(ask("v2", query=query), 400, 20001)
        assert asked_for == []


@pytest.mark.parametrize("version", ["v1", "v2"])
class TestBoth:
    @pytest.mark.parametrize(
        ("written", "query"),
        [
            ("+19029052034", ""),
            ("%2B19029052034", ""),
            ("9029052034", ""),
            ("(902)%20905-2034", "?CountryCode=ca"),
            ("+19029052034", "?CountryCode=GB"),
            ("9029052034%20x55", ""),
        ],
    )
    def test_a_number_may_be_written_in_several_ways(self, ask, version, written, query):
        answer = ask(version, written, query).get_json()
        assert answer["phone_number"] == NUMBER
        assert answer["national_format"] == "(902) 905-2034"

    def test_a_number_of_another_country_has_its_format(self, ask, version):
        answer = ask(version, "020%207183%208750", "?CountryCode=GB").get_json()
        assert answer["phone_number"] == "+442071838750"
        assert (answer["country_code"], answer["national_format"]) == ("GB", "020 7183 8750")

    def test_a_number_of_no_country_has_none(self, ask, version):
        answer = ask(version, "+80012345678")
        assert (answer.status_code, answer.get_json()["country_code"]) == (200, None)

    def test_while_the_directory_cannot_be_asked_the_answer_is_503(self, api, ask, version):
        api.directory.line = None
        answer = ask(version, query="?Type=carrier&Fields=line_type_intelligence")
        refused(answer, 503, 20503)
        assert answer.headers["Retry-After"]

    def test_the_directory_is_asked_once_in_e164(self, ask, asked_for, version):
        ask(version, "9029052034", "?Type=carrier&Fields=line_type_intelligence")
        assert asked_for == [NUMBER]

    def test_without_credentials_nothing_is_answered(self, api, version, asked_for):
        refused(api.client.get(f"/{version}/PhoneNumbers/{NUMBER}?Type=carrier"), 401, 20003)
        assert asked_for == []

    def test_a_lookup_is_only_read(self, api, version):
        answer = api.client.post(f"/{version}/PhoneNumbers/{NUMBER}", headers=api.auth())
        refused(answer, 405, 20004)
