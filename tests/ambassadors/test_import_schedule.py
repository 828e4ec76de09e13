"""The list that comes every day: written by itself, or kept when something looks wrong."""

import datetime as dt
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from activity.models import Entry
from activity.outside import PAGES, NotSecure, fetch
from ambassadors.accounts.models import User
from ambassadors.directory.imports.fetching import run_schedule
from ambassadors.directory.imports.models import Import
from ambassadors.directory.imports.schedule import ImportSchedule
from tests.activity.post_office import expand_all
from tests.factories import make_admin, make_manager, make_person, make_user

pytestmark = pytest.mark.django_db
HEADER = "email,first_name,last_name,employment status"


def people(*names, status="Active"):
    return [f"{name}@orvaly.example,{name.title()},Roy,{status}" for name in names]


def listing(*lines, header=HEADER):
    return "\n".join([header, *lines])


@pytest.fixture
def folder(tmp_path, settings):
    settings.IMPORT_FOLDER = str(tmp_path)
    return tmp_path


def leave(folder, text, name="people.csv", age=120):
    path = folder / name
    path.write_text(text)
    moment = dt.datetime.now().timestamp() - age
    os.utime(path, (moment, moment))


def make_schedule(**fields):
    schedule = ImportSchedule.the_one()
    for name, value in ({"is_on": True, "place": "folder"} | fields).items():
        setattr(schedule, name, value)
    schedule.set_up(by=make_admin(language="en"))
    return due(schedule)


def due(schedule):
    ImportSchedule.objects.filter(pk=1).update(next_at=timezone.now() - dt.timedelta(minutes=1))
    schedule.refresh_from_db()
    return schedule


def run():
    """Two ticks: one that fetches, one that decides."""
    run_schedule()
    run_schedule()
    return Import.objects.order_by("-pk").first()


def first_list_went_in(folder, *names):
    """Somebody has looked at a first list, and sent it on its way."""
    schedule = make_schedule()
    leave(folder, listing(*people(*names)))
    source = run()
    assert source.waits == "first"
    source.start(by=schedule.set_by, invite=False)
    return due(schedule)


def test_the_first_list_waits_for_somebody_and_the_next_one_does_not(folder):
    first_list_went_in(folder, "ana", "luc")
    leave(folder, listing(*people("ana", "luc", "zoe")))
    source = run()
    assert (source.status, source.counts["create"]) == ("committed", 1)
    assert User.objects.filter(email="zoe@orvaly.example").exists()
    assert Entry.objects.get(verb="import.reported").actor_id is None


def test_the_same_list_again_is_not_even_read(folder):
    schedule = first_list_went_in(folder, "ana")
    run()
    schedule.refresh_from_db()
    assert (schedule.outcome, Import.objects.count()) == ("same", 1)
    assert schedule.next_at > timezone.now()


def test_too_many_who_would_leave_stop_it_and_hr_hears_why(folder):
    schedule = first_list_went_in(folder, "ana", "luc", "zoe")
    leave(folder, listing(*people("ana", "luc", status="Terminated"), *people("zoe")))
    source = run()
    assert (source.status, source.waits) == ("checked", "leaving")
    assert User.objects.get(email="ana@orvaly.example").is_active
    expand_all()
    told = schedule.set_by.notifications.filter(kind="import.stopped")
    assert set(told.values_list("channel", flat=True)) == {"bell", "email"}


def test_a_leaving_date_for_everybody_stops_it_as_well(folder):
    schedule = first_list_went_in(folder, "ana", "luc", "zoe")
    schedule.remember(
        [*HEADER.split(","), "end date"],
        ["email", "first_name", "last_name", "status", "leave_date"],
        digest="",
    )
    lines = [f"{line},2999-01-01" for line in people("ana", "luc", "zoe")]
    leave(folder, listing(*lines, header=f"{HEADER},end date"))
    assert run().waits == "leaving"


def test_too_many_lines_in_error_stop_it(folder):
    first_list_went_in(folder, "ana")
    leave(folder, listing(*people("ana"), "nobody,No,Body,Active"))
    source = run()
    assert (source.status, source.waits) == ("checked", "errors")


def test_other_columns_stop_it_and_their_order_does_not(folder):
    first_list_went_in(folder, "ana")
    leave(folder, "last_name,email,employment status,first_name\nRoy,b@orvaly.example,Active,Bo")
    assert run().status == "committed"
    due(ImportSchedule.the_one())
    leave(folder, "email,name of birth\nc@orvaly.example,Co")
    assert run().waits == "columns"


def test_columns_changed_by_hand_are_remembered(folder):
    schedule = make_schedule()
    leave(folder, "email,label\nana@orvaly.example,Soudeuse")
    source = run()
    source.remap(["email", "job_title"])
    source.start(by=schedule.set_by, invite=False)
    schedule.refresh_from_db()
    assert schedule.columns == [["email", "email"], ["label", "job_title"]]


def test_a_list_that_nobody_looked_at_gives_way_to_the_next(folder):
    schedule = make_schedule()
    leave(folder, listing(*people("ana")))
    waiting = run()
    due(schedule)
    leave(folder, listing(*people("ana", "luc")))
    newer = run()
    waiting.refresh_from_db()
    assert (waiting.status, newer.waits) == ("cancelled", "first")


def test_a_file_still_being_written_and_a_link_are_passed_over(folder, tmp_path_factory):
    schedule = make_schedule()
    leave(folder, listing(*people("ana")), age=5)
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text(listing(*people("luc")))
    (folder / "link.csv").symlink_to(secret)
    os.utime(folder / "link.csv", (0, 0), follow_symlinks=False)
    assert run() is None
    schedule.refresh_from_db()
    assert schedule.outcome == "no_file"
    assert Entry.objects.filter(verb="import_schedule.failed").count() == 1


def test_a_refused_file_is_told_once(folder):
    make_schedule()
    leave(folder, "\x00\x01\x02" * 500)
    source = run()
    run_schedule()
    assert (source.status, source.waits) == ("refused", "refused")
    assert Entry.objects.filter(verb="import.held").count() == 1


def test_whoever_set_it_up_and_lost_the_right_stops_it(folder):
    schedule = first_list_went_in(folder, "ana")
    User.objects.filter(pk=schedule.set_by_id).update(role="ambassador")
    leave(folder, listing(*people("ana", "luc")))
    run()
    schedule.refresh_from_db()
    assert (schedule.outcome, User.objects.filter(first_name="Luc").exists()) == ("no_right", False)


@pytest.mark.parametrize(
    ("now", "next_at"),
    [("2026-11-23T10:59Z", "2026-11-23T11:00Z"), ("2026-11-23T11:01Z", "2026-11-24T11:00Z")],
)
def test_it_runs_at_its_hour_where_the_company_is(now, next_at, settings):
    settings.TIME_ZONE = "America/Toronto"
    with time_machine.travel(now, tick=False):
        schedule = make_schedule(at=dt.time(6))
        schedule.set_up(by=schedule.set_by)
    assert schedule.next_at == dt.datetime.fromisoformat(next_at)


# --- From an address ---------------------------------------------------------------------------


class HrSystem(BaseHTTPRequestHandler):
    heard: list = []
    other = ""

    def do_GET(self):
        self.heard.append((self.server.server_port, self.headers.get("X-Key")))
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", self.other)
        self.send_header("Content-Type", "text/csv")
        self.end_headers()
        self.wfile.write(listing(*people("ana")).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def hr_systems(settings):
    servers = [HTTPServer(("127.0.0.1", 0), HrSystem) for _ in range(2)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    first, second = (f"127.0.0.1:{server.server_port}" for server in servers)
    settings.FETCH_ALLOWED_HOSTS = {first, second}
    HrSystem.heard, HrSystem.other = [], f"http://{second}/"
    yield f"http://{first}"
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_address_is_asked_with_the_secret_and_an_elsewhere_without(hr_systems):
    schedule = make_schedule(place="address", url=f"{hr_systems}/away", header_name="X-Key")
    schedule.set_up(by=schedule.set_by, secret="s3cret")
    due(schedule)
    source = run()
    assert source.waits == "first"
    assert [key for _port, key in HrSystem.heard] == ["s3cret", None]
    assert "s3cret" not in schedule.sealed_header


def test_a_secret_never_travels_in_the_clear():
    with pytest.raises(NotSecure):
        fetch("http://orvaly.example/list.csv", PAGES, private={"X-Key": "s3cret"})


def test_an_address_that_does_not_answer_is_told(hr_systems, settings):
    settings.FETCH_ALLOWED_HOSTS = {"127.0.0.1:9"}
    schedule = make_schedule(place="address", url="http://127.0.0.1:9/list.csv")
    assert run() is None
    schedule.refresh_from_db()
    assert schedule.outcome == "unreachable"
    with translation.override("fr"):
        assert schedule.problem_text == "Le site ne répond pas."


# --- The page ----------------------------------------------------------------------------------

FORM = {
    "is_on": "on",
    "place": "address",
    "url": "https://hr.orvaly.example/people.csv",
    "at": "05:30",
    "most_leaving": "5",
    "most_errors": "2",
}


def post(client, **fields):
    return client.post(reverse("ambassadors:import-schedule"), FORM | fields)


def test_an_administrator_sets_it_up_and_the_secret_is_never_shown(as_user):
    client = as_user(make_admin(language="en"))
    answer = post(client, header_name="Authorization", secret="Bearer s3cret")
    assert answer.status_code == 302
    schedule = ImportSchedule.the_one()
    assert (schedule.is_on, schedule.secret) == (True, "Bearer s3cret")
    page = client.get(reverse("ambassadors:import-schedule")).content.decode()
    assert "s3cret" not in page
    assert "One is kept" in page
    assert "s3cret" not in str(list(Entry.objects.values("data")))


def test_a_secret_is_kept_when_left_empty_and_forgotten_for_another_site(as_user):
    client = as_user(make_admin())
    post(client, header_name="X-Key", secret="s3cret")
    post(client, header_name="X-Key", url="https://hr.orvaly.example/other.csv")
    assert ImportSchedule.the_one().secret == "s3cret"
    post(client, header_name="X-Key", url="https://elsewhere.example/people.csv")
    assert not ImportSchedule.the_one().has_secret


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://hr.orvaly.example/people.csv"},
        {"url": "ftp://hr.orvaly.example/people.csv"},
        {"url": ""},
        {"header_name": "Host"},
        {"header_name": "X: y\r\nZ"},
        {"header_name": "X-Key", "secret": "a\nb"},
        {"secret": "s"},
        {"pattern": "../people.csv"},
        {"place": "folder", "pattern": "*.csv"},
        {"most_leaving": "101"},
    ],
    ids=str,
)
def test_what_cannot_be_right_is_said_and_not_kept(as_user, wrong):
    answer = post(as_user(make_admin()), **wrong)
    assert answer.status_code == 422
    assert not ImportSchedule.the_one().is_on


def test_it_is_the_administrators_alone(as_user):
    for user in (make_manager(), make_person(make_user()).user):
        client = as_user(user)
        assert client.get(reverse("ambassadors:import-schedule")).status_code == 403
        assert client.post(reverse("ambassadors:import-schedule-now")).status_code == 403


def test_fetching_now_changes_nothing_but_the_hour(as_user, folder):
    schedule = make_schedule()
    schedule.set_up(by=schedule.set_by)
    client = as_user(make_admin())
    client.post(reverse("ambassadors:import-schedule-now"))
    schedule.refresh_from_db()
    assert schedule.is_due
