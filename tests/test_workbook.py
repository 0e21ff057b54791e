"""What a team writes into workbook.toml is taken as it stands, or refused by file, line and key."""

import pytest

from kpilib.catalogue import CATALOGUE
from kpilib.compute.comparing import target
from kpilib.errors import BadInput, UnknownName
from kpilib.periods import parse
from kpilib.workbook import ENVIRONMENT, OVERVIEW, Aim, Mail, Settings, Webhook, settings

MAY = parse("2026-05")[0]


@pytest.fixture
def read(tmp_path):
    """A function that reads settings from a text."""
    file = tmp_path / "workbook.toml"

    def start(text):
        file.write_text(text, encoding="utf-8")
        return settings(file)

    return start


def test_without_a_file_there_are_settings_to_start_with(tmp_path, monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.chdir(tmp_path)
    assert settings() == Settings()
    assert settings().overview == OVERVIEW
    assert settings().path is None


def test_every_kpi_of_the_start_is_in_the_catalogue_and_a_reader_can_take_them_in():
    assert set(Settings().kpis) <= set(CATALOGUE)
    assert len(Settings().kpis) <= 25


def test_a_question_has_the_kpis_that_the_team_gives_it_and_the_others_keep_theirs(read):
    found = read('[overview]\nloyalty = ["retention_rate", "clv", "retention_rate"]\nservice = []')
    assert found.overview["loyalty"] == ("retention_rate", "clv")
    assert found.overview["service"] == ()
    assert found.overview["satisfaction"] == OVERVIEW["satisfaction"]
    assert list(found.overview) == list(OVERVIEW)


def test_the_file_is_found_in_the_working_folder_beside_the_notebooks_and_where_the_environment_says(
    tmp_path, monkeypatch
):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    places = [tmp_path / "notebooks" / "workbook.toml", tmp_path / "workbook.toml", tmp_path / "ours.toml"]
    for month, place in enumerate(places, 2):
        place.write_text(f"fiscal_start = {month}")
    assert settings().fiscal_start == 3
    places[1].unlink()
    assert settings().fiscal_start == 2
    monkeypatch.setenv(ENVIRONMENT, str(places[2]))
    assert settings().fiscal_start == 4


def test_a_file_that_is_named_and_not_there_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "gone.toml"))
    with pytest.raises(BadInput, match=r"no file 'gone.toml' .*KPILIB_WORKBOOK names it"):
        settings()


def test_a_file_that_changed_is_read_again(read):
    assert read("fiscal_start = 4").fiscal_start == 4
    assert read("fiscal_start = 10").fiscal_start == 10


def test_a_target_for_every_month_gives_way_to_one_of_its_own_month_wherever_they_stand(read):
    text = '[[target]]\nkpi = "win_rate"\nmonth = "2026-05"\nvalue = 0.5\n[targets]\nwin_rate = 0.4\n'
    found = read(text)
    assert found.aims == (Aim("win_rate", 0.4), Aim("win_rate", 0.5, MAY))
    assert found.targets(MAY - 1, MAY + 1) == {
        "win_rate||": {str(MAY - 1): 0.4, str(MAY): 0.5, str(MAY + 1): 0.4},
    }


def test_targets_of_the_file_are_compared_as_those_of_the_table_are(read):
    found = read(
        '[targets]\nrevenue = 100\n[[target]]\nkpi = "win_rate"\nvalue = 0.3\ndimension = "segment"\nmember = "SMB"\n'
    )
    aims = found.targets(MAY - 5, MAY)
    assert target(CATALOGUE["revenue"], aims, {}, (MAY - 2, MAY)).value == 300  # a total adds up its months
    assert target(CATALOGUE["win_rate"], aims, {"segment": ("SMB",)}, (MAY, MAY)).value == 0.3
    assert target(CATALOGUE["win_rate"], aims, {}, (MAY, MAY)) is None


def test_a_month_may_be_a_toml_date(read):
    (aim,) = read('[[target]]\nkpi = "revenue"\nvalue = 1\nmonth = 2026-05-01').aims
    assert aim.month == MAY


def test_alerts_mail_and_webhook_are_read_with_what_is_left_out_filled_in(read):
    found = read(
        """
[alerts]
kpis = ["win_rate"]
by = "segment"
minimum = 50
lag_days = 3
[alerts.mail]
host = "mail.example"
from = "kpi@example"
to = ["a@example", "b@example"]
[alerts.webhook]
url = "https://example/hook"
"""
    ).alerts
    assert (found.kpis, found.by, found.minimum, found.lag_days) == (("win_rate",), ("segment",), 50, 3)
    assert (found.baseline, found.rate, found.refused) == (24, 0.05, 0.05)
    assert found.mail == Mail("mail.example", "kpi@example", ("a@example", "b@example"), 587, "", "", True)
    assert found.webhook == Webhook("https://example/hook")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fiscal_start = 13", r"workbook.toml, line 1, fiscal_start must be a whole number, 1 to 12; it is 13"),
        ("fiscal_start = true", r"fiscal_start must be a whole number"),
        ("fiscal_start\n[alerts]", r"workbook.toml is not TOML: .*line 1"),
        ("\n[targets]\nwin_rate = 'x'", r"line 3, targets.win_rate must be a number; it is 'x'"),
        ("[targets]\nwin_rate = nan", r"targets.win_rate must be a number; it is nan"),
        ("targets = 3", r"line 1, targets must be a table, \[targets\]; it is 3"),
        ("target = 3", r"target must be tables, \[\[target\]\] each"),
        ("[[target]]\nkpi = 'revenue'", r"\[target\] needs 'value'"),
        ("[[target]]\nkpi = 'revenue'\nvalue = 1\nmonth = '2026Q2'", r"line 4, target.month must be one month"),
        ("[[target]]\nkpi = 'revenue'\nvalue = 1\nmonth = 'May'", r"target.month must be a month, '2026-06'"),
        ("[[target]]\nkpi = 'revenue'\nvalue = 1\nmember = 'SMB'", r"needs both a dimension and a member"),
        ("[alerts]\nminimum = 0", r"alerts.minimum must be a whole number, 1 or more; it is 0"),
        ("[alerts]\nrate = 5", r"alerts.rate must be a fraction between 0 and 1, 0.05 for 5%; it is 5.0"),
        ("[alerts.mail]\nhost = 'x'", r"\[alerts.mail\] needs 'from'"),
        ("[alerts.mail]\nhost = 'x'\nfrom = 'y'\nto = [1]", r"alerts.mail.to must be a list of texts"),
        ("[alerts.mail]\nhost = 'x'\nfrom = 'y'\nto = 'z'\nstarttls = 'no'", r"starttls must be true or false"),
        ("[alerts.webhook]\nurl = 'file:///etc'", r"alerts.webhook.url must begin with https:// or http://"),
        ("[report]\nlanguage = 3", r"report.language must be a text in quotes; it is 3"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_file_line_and_key(read, text, said):
    with pytest.raises(BadInput, match=said):
        read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fiscal_strat = 1", r"workbook.toml, line 1, fiscal_strat: No key is called .*Did you mean 'fiscal_start'"),
        ("[overview]\nloyalti = []", r"overview.loyalti: No question or mission .*Did you mean 'loyalty'"),
        ("[overview]\nloyalty = ['churn_rat']", r"line 2, overview.loyalty: No KPI .*Did you mean 'churn_rate'"),
        ("[targets]\nwin_rat = 1", r"targets.win_rat: No KPI is called 'win_rat'. Did you mean 'win_rate'"),
        ("[alerts]\nby = ['segmnt']", r"alerts.by: No dimension .*Did you mean 'segment'"),
        ("[alerts.mail]\nhots = 'x'", r"alerts.mail.hots: No key .*Did you mean 'host'"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest_one(read, text, said):
    with pytest.raises(UnknownName, match=said):
        read(text)


def test_the_example_that_the_documentation_shows_is_read(top):
    found = settings(top / "notebooks" / "workbook.example.toml")
    assert found.overview["develop"]
    assert {aim.kpi for aim in found.aims} >= {"win_rate", "revenue"}
    assert found.alerts.mail is not None
