def test_converts(client):
    answer = client.get("/convert?cents=1000&to=USD")
    assert answer.status_code == 200
    assert answer.json == {"cents": 1090, "currency": "USD"}


def test_refuses_what_is_no_number(client):
    answer = client.get("/convert?cents=ten")
    assert answer.status_code == 400
    assert answer.json == {"error": "cents must be a whole number"}


def test_is_well(client):
    assert client.get("/healthz").text == "ok"
