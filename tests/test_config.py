"""Settings: what stops the start, and what it says."""

from pathlib import Path

import pytest

from config import Environment, Payments, Settings, SettingsError, read_dotenv

KEY = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6"
PRODUCTION = {
    "SECRET_KEY": KEY,
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "PUBLIC_URL": "https://toko.example/",
    "MAIL_URL": "smtp://mail.example",
    "LEDGER_SIGNING_KEY": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
}


def test_an_environment_that_says_nothing_is_production() -> None:
    settings = Settings.from_environ(PRODUCTION)
    assert settings.environment is Environment.PRODUCTION
    assert settings.payments is Payments.STRIPE
    assert settings.public_url == "https://toko.example"


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_production_names_each_setting_that_is_missing(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({key: value for key, value in PRODUCTION.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 64),
        ("PAYMENTS", "sandbox"),
        ("PAYMENTS", "cash"),
        ("ENVIRONMENT", "prod"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "nonsense"),
        ("PUBLIC_URL", "toko.example"),
        ("QUOTA_TARGET_PERCENT", "140"),
        ("QUOTA_TARGET_PERCENT", "forty"),
        ("QUOTA_SELLER_CLASSES", "micro,tiny"),
        ("SELLER_MONTHLY_CAP", "-1"),
        ("LOG_FORMAT", "xml"),
        ("LEDGER_SIGNING_KEY", "not base 64"),
        ("LEDGER_SIGNING_KEY", "c2hvcnQ="),
        ("LEDGER_SIGNING_KEY", "A" * 43 + "="),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ(PRODUCTION | {name: value})


def test_every_wrong_setting_is_named_at_once_and_no_secret_is_shown() -> None:
    with pytest.raises(SettingsError) as told:
        Settings.from_environ({"SECRET_KEY": "tiny-secret"})
    message = str(told.value)
    assert all(name in message for name in ("SECRET_KEY", "PUBLIC_URL", "MAIL_URL"))
    assert "tiny-secret" not in message
    assert "tiny-secret" not in repr(Settings(secret_key=KEY, environment=Environment.TEST))


def test_the_demo_needs_a_key_alone() -> None:
    settings = Settings.from_environ(
        {"ENVIRONMENT": "demo", "PAYMENTS": "sandbox", "SECRET_KEY": KEY}
    )
    assert settings.is_sandbox


def test_a_dotenv_file_is_read_and_a_missing_one_is_nothing(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a remark\nENVIRONMENT=demo\nSTORE_NAME='Toko Kita'\n\n")
    assert read_dotenv(file) == {"ENVIRONMENT": "demo", "STORE_NAME": "Toko Kita"}
    assert read_dotenv(tmp_path / "none") == {}
