"""What stands below the line of a CSV that says which release it is from."""


def below_origin(text: str) -> str:
    first, _, rest = text.partition("\n")
    assert first.startswith("# vitaal-kg release "), first
    for name in ("level", "policy", "date"):
        assert f", {name} " in first
    return rest
