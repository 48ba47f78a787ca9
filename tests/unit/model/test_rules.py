"""The rules of `apply` (design §3), each by its name."""

from __future__ import annotations

import pytest

from tests.unit.model.build import KEY, World, checked, deleted, healthy, listed, ms, refused, wanted, webhook
from wa_tui.model.facts import (
    ActionEnded,
    CheckFailed,
    DaemonStarted,
    Described,
    QrExpired,
    Removed,
    SendFailed,
    Unattributed,
)
from wa_tui.model.reasons import classify
from wa_tui.model.registers import Credentials, Desired, GatewayState, Reason, Status
from wa_tui.model.transition import Verdict


class TestRule1Order:
    def test_the_newest_timestamp_wins_whatever_comes_in_last(self) -> None:
        world = World()
        world.take(webhook("disconnected", 20, detail="LOGOUT"), webhook("connected", 10, received=21))
        assert world.session().status is Status.DISCONNECTED
        assert world.kinds == ["adopted", "stale"]

    def test_a_stale_webhook_still_counts_as_evidence_for_the_credentials(self) -> None:
        world = World()
        world.take(webhook("disconnected", 20), webhook("connected", 10, received=21))
        assert world.session().credentials is Credentials.STORED

    def test_the_same_webhook_twice_changes_nothing(self) -> None:
        world = World()
        world.take(webhook("connected", 10))
        before = world.session()
        outcome = world.take(webhook("connected", 10, received=12))
        assert outcome.verdict is Verdict.DUPLICATE
        assert world.session() == before
        assert world.kinds == ["adopted"]

    @pytest.mark.parametrize("first", ["connected", "disconnected"])
    def test_of_one_timestamp_and_two_statuses_the_worse_holds_and_a_check_starts(self, first: str) -> None:
        second = {"connected": "disconnected", "disconnected": "connected"}[first]
        world = World()
        outcome = world.take(webhook(first, 10), webhook(second, 10, received=10.1))
        assert world.session().status is Status.DISCONNECTED
        assert outcome.check
        world.take(checked("connected", 11))
        assert world.session().status is Status.CONNECTED

    def test_the_clock_offset_corrects_the_gateways_time(self) -> None:
        world = World()
        world.take(healthy(0, clock=300), webhook("connected", 310, received=10))
        assert world.session().status_since == ms(10)

    def test_a_clock_step_opens_a_new_epoch_in_which_older_timestamps_win(self) -> None:
        world = World()
        world.take(healthy(0), webhook("connected", 100), healthy(110, uptime=1110, clock=-3600))
        assert world.fleet.gateway("eu-1").epoch == 1
        world.take(webhook("disconnected", -3480, received=120))
        assert world.session().status is Status.DISCONNECTED
        assert world.session().status_since == ms(120)

    def test_small_clock_drift_opens_none(self) -> None:
        world = World()
        world.take(healthy(0), healthy(10, uptime=1010, clock=1.5))
        assert world.fleet.gateway("eu-1").epoch == 0

    def test_the_shortest_round_trip_tells_the_clock_and_opens_no_epoch(self) -> None:
        world = World()
        world.take(healthy(0, uptime=1000, clock=3.5, latency=8), checked("connected", 15))
        world.take(webhook("disconnected", 16), checked("connected", 17))
        world.take(healthy(20, uptime=1020, clock=0.2, latency=0.1))
        world.take(healthy(30, uptime=1030, clock=1.5, latency=4), checked("connected", 40))
        gateway = world.fleet.gateway("eu-1")
        assert (gateway.epoch, gateway.restarts, gateway.clock_offset) == (0, 0, 200)
        outcome = world.take(webhook("disconnected", 41, received=40.9))
        assert (outcome.verdict, world.session().status) == (Verdict.APPLIED, Status.DISCONNECTED)

    @pytest.mark.parametrize("clock", [3.5, -3.5])
    def test_a_better_known_clock_leaves_every_webhook_in_its_epoch(self, clock: float) -> None:
        world = World()
        world.take(healthy(0, latency=9), healthy(110, uptime=5, clock=clock, latency=8))
        before = world.fleet.gateway("eu-1")
        world.take(healthy(120, uptime=15, latency=0.01))
        after = world.fleet.gateway("eu-1")
        assert (after.epoch, after.clock_offset) == (before.epoch, 0)
        for at in range(80, 130):
            assert after.epoch_of(ms(at), None) == before.epoch_of(ms(at), None), at

    def test_a_restart_opens_a_new_epoch_and_older_webhooks_stay_in_the_old(self) -> None:
        world = World()
        world.take(healthy(0), webhook("connected", 50), healthy(110, uptime=5))
        gateway = world.fleet.gateway("eu-1")
        assert (gateway.epoch, gateway.restarts) == (1, 1)
        world.take(webhook("connected", 106), webhook("disconnected", 60, received=111))
        assert world.session().status is Status.CONNECTED
        assert world.kinds[-1] == "stale"

    @pytest.mark.parametrize("step", [60, -60])
    def test_a_step_of_our_own_clock_is_no_restart_and_no_epoch(self, step: float) -> None:
        world = World()
        world.take(healthy(0, uptime=1000, clock=5), webhook("connected", 8, received=3))
        world.take(healthy(10 + step, uptime=1010, clock=5 - step))
        gateway = world.fleet.gateway("eu-1")
        assert (gateway.restarts, gateway.epoch) == (0, 1)
        assert world.events[-1].text == f"our own clock stepped by {step:+.1f} s"
        world.take(webhook("disconnected", 17, received=12 + step))
        assert world.session().status is Status.DISCONNECTED
        assert world.session().status_since == ms(12 + step)
        world.take(healthy(20 + step, uptime=5, clock=5 - step))
        assert world.fleet.gateway("eu-1").restarts == 1, "a real one is told as ever"

    def test_a_restart_with_another_clock_is_a_restart(self) -> None:
        world = World()
        world.take(healthy(0, uptime=1000), healthy(110, uptime=5, clock=-60))
        assert world.fleet.gateway("eu-1").restarts == 1

    def test_after_a_step_back_of_our_clock_checks_are_believed(self) -> None:
        world = World()
        world.take(checked("connected", 1000), checked("disconnected", 700))
        assert world.session().status is Status.DISCONNECTED

    def test_a_webhook_dated_in_the_future_does_not_outdate_those_that_follow(self) -> None:
        world = World()
        world.take(healthy(0, clock=5))
        outcome = world.take(webhook("connected", 315_360_000, received=10))
        assert outcome.check and world.session().status_since == ms(10)
        world.take(webhook("disconnected", 25, received=20))
        assert world.session().status is Status.DISCONNECTED
        assert world.kinds[-1] == "status"
        world.take(webhook("connected", 100, received=30))
        assert world.events[-1].text == "dated 65 s ahead: taken as of its receipt, checking"

    def test_one_dated_ahead_by_what_clocks_differ_keeps_its_time(self) -> None:
        world = World()
        world.take(webhook("connected", 18, received=10), webhook("disconnected", 17, received=11))
        assert world.session().status is Status.CONNECTED

    def test_a_stale_webhook_that_says_otherwise_asks_for_a_check(self) -> None:
        world = World()
        world.take(webhook("connected", 300, received=300))
        outcome = world.take(webhook("disconnected", 10, received=310))
        assert (outcome.verdict, outcome.check) == (Verdict.STALE, True)
        assert not world.take(webhook("connected", 20, received=311)).check

    def test_latency_alone_is_no_restart(self) -> None:
        world = World()
        world.take(healthy(0, uptime=1000), healthy(15, uptime=1010, latency=10))
        assert world.fleet.gateway("eu-1").restarts == 0

    def test_sequence_decides_before_timestamps(self) -> None:
        world = World()
        world.take(
            webhook("disconnected", 10, sequence=8, boot_id="b"),
            webhook("connected", 11, received=12, sequence=7, boot_id="b"),
        )
        assert world.session().status is Status.DISCONNECTED

    def test_a_new_boot_id_opens_an_epoch_and_an_old_one_is_stale(self) -> None:
        world = World()
        world.take(
            webhook("connected", 10, sequence=90, boot_id="a"),
            webhook("disconnected", 20, sequence=1, boot_id="b"),
            webhook("connected", 19, received=21, sequence=91, boot_id="a"),
        )
        assert world.session().status is Status.DISCONNECTED
        assert world.kinds[-1] == "stale"

    def test_a_restart_already_told_by_a_boot_id_is_not_told_twice(self) -> None:
        world = World()
        world.take(
            healthy(0),
            webhook("connected", 10, sequence=1, boot_id="a"),
            webhook("connected", 106, sequence=1, boot_id="b"),
        )
        epoch = world.fleet.gateway("eu-1").epoch
        world.take(healthy(110, uptime=5))
        assert world.fleet.gateway("eu-1").epoch == epoch


class TestRule2Evidence:
    def test_a_check_that_began_before_a_webhook_came_in_does_not_overrule_it(self) -> None:
        world = World()
        world.take(checked("connected", 5), webhook("disconnected", 10.5))
        outcome = world.take(checked("connected", 10, ended=11))
        assert world.session().status is Status.DISCONNECTED
        assert world.session().proven_at is None
        assert (outcome.verdict, outcome.check) == (Verdict.SUPERSEDED, True)

    def test_a_webhook_that_happened_before_the_last_check_began_is_late(self) -> None:
        world = World()
        world.take(checked("connected", 30))
        outcome = world.take(webhook("disconnected", 20, received=31))
        assert world.session().status is Status.CONNECTED
        assert (outcome.verdict, outcome.check) == (Verdict.LATE, True)
        assert world.session().proven_at is not None

    def test_a_late_webhook_is_told_with_its_own_reason(self) -> None:
        world = World()
        world.take(checked("connected", 30))
        world.take(webhook("disconnected", 20, received=31, detail="Browser disconnected"))
        assert (world.events[-1].reason, world.events[-1].detail) == (
            Reason.BROWSER_DIED,
            "Browser disconnected",
        )

    def test_a_late_webhook_keeps_its_reason_where_the_next_check_finds_what_it_says(self) -> None:
        world = World()
        world.take(checked("connected", 30), webhook("disconnected", 29, received=31, detail="LOGOUT"))
        world.take(checked("disconnected", 31.1))
        assert (world.session().reason, world.session().detail) == (Reason.LOGOUT, "LOGOUT")
        world.take(checked("connected", 60), checked("disconnected", 90))
        assert world.session().reason is None, "it was back since"

    def test_a_late_webhook_is_merged_into_the_credentials(self) -> None:
        world = World()
        world.take(webhook("connected", 10), checked("connected", 12))
        world.take(webhook("disconnected", 11, received=13, detail="LOGOUT"))
        assert world.session().status is Status.CONNECTED
        assert world.session().credentials is Credentials.NEEDS_SCAN

    def test_an_outbox_that_replays_an_hour_of_old_states_changes_no_status(self) -> None:
        world = World()
        world.take(checked("connected", 4000))
        for at in range(0, 3600, 60):
            world.take(webhook("disconnected" if at % 120 else "connected", at, received=4001))
        assert world.session().status is Status.CONNECTED
        assert world.session().credentials is Credentials.STORED

    def test_a_gateways_fast_clock_does_not_shield_its_webhook_from_a_later_check(self) -> None:
        world = World()
        world.take(webhook("disconnected", 12, received=10), checked("connected", 11))
        assert world.session().status is Status.CONNECTED

    def test_an_older_check_that_ends_last_is_ignored(self) -> None:
        world = World()
        world.take(checked("connected", 10, ended=11), checked("disconnected", 5, ended=12))
        assert world.session().status is Status.CONNECTED


class TestRule3Credentials:
    @pytest.mark.parametrize("detail", ["LOGOUT", "UNPAIRED", "logged out"])
    def test_a_logout_needs_a_scan(self, detail: str) -> None:
        world = World()
        world.take(webhook("connected", 1), webhook("disconnected", 2, detail=detail))
        assert world.session().credentials is Credentials.NEEDS_SCAN
        assert world.session().reason is Reason.LOGOUT

    def test_auth_failed_needs_a_scan(self) -> None:
        world = World()
        world.take(webhook("connected", 1), webhook("auth_failed", 2, detail="stub auth failure"))
        assert world.session().credentials is Credentials.NEEDS_SCAN

    def test_a_qr_for_a_stored_session_needs_a_scan_and_for_a_new_one_says_nothing(self) -> None:
        stored, new = World(), World()
        stored.take(webhook("connected", 1), webhook("qr_pending", 2, qr="code"))
        new.take(webhook("qr_pending", 2, qr="code"))
        assert stored.session().credentials is Credentials.NEEDS_SCAN
        assert new.session().credentials is Credentials.UNKNOWN

    def test_repeated_disconnected_after_a_logout_leave_it_a_logout(self) -> None:
        world = World()
        world.take(webhook("connected", 1), webhook("disconnected", 2, detail="LOGOUT"))
        since = world.session().status_since
        for at in (300, 600):
            world.take(webhook("disconnected", at, detail="Health check detected disconnection"))
        assert world.session().reason is Reason.LOGOUT
        assert world.session().credentials is Credentials.NEEDS_SCAN
        assert world.session().status_since == since
        assert world.kinds == ["adopted", "status"]

    def test_repeated_words_of_nothing_and_checks_without_a_reason_leave_what_was_said(self) -> None:
        world = World()
        world.take(webhook("connected", 1), webhook("auth_failed", 2, detail="Authentication failure"))
        for at in (300, 600):
            world.take(webhook("auth_failed", at, detail="Health check detected disconnection"))
            world.take(checked("auth_failed", at + 100))
        assert world.session().detail == "Authentication failure"
        assert world.kinds == ["adopted", "status"], "what changes nothing appends nothing"

    def test_a_check_with_a_reason_says_more_than_an_older_webhook(self) -> None:
        world = World()
        world.take(webhook("connected", 1), webhook("disconnected", 2, detail="TIMEOUT"), checked(None, 10))
        assert world.session().reason is Reason.MISSING

    def test_only_a_newer_connected_sets_stored_again(self) -> None:
        world = World()
        world.take(webhook("disconnected", 20, detail="LOGOUT"), webhook("connected", 10, received=21))
        assert world.session().credentials is Credentials.NEEDS_SCAN
        world.take(webhook("connected", 30))
        assert world.session().credentials is Credentials.STORED

    @pytest.mark.parametrize(("began", "credentials"), [(25, "needs_scan"), (31, "stored")])
    def test_a_check_sets_stored_only_if_it_began_ten_seconds_later(
        self, began: float, credentials: str
    ) -> None:
        world = World()
        world.take(webhook("disconnected", 20, detail="LOGOUT"), checked("connected", began))
        assert world.session().credentials.value == credentials

    def test_a_check_that_shows_a_qr_for_a_stored_session_needs_a_scan(self) -> None:
        world = World()
        world.take(checked("connected", 10), checked("qr_pending", 40, qr="code"))
        assert world.session().credentials is Credentials.NEEDS_SCAN


class TestRule4Desired:
    def test_disconnect_sets_offline_and_reconnect_online(self) -> None:
        world = World()
        world.take(webhook("connected", 1), wanted("disconnect", 2, "offline"))
        assert world.session().desired is Desired.OFFLINE
        world.take(wanted("reconnect", 3, "online"))
        assert world.session().desired is Desired.ONLINE

    def test_a_logout_does_not_change_what_we_want(self) -> None:
        world = World()
        world.take(webhook("connected", 1), webhook("disconnected", 2, detail="LOGOUT"))
        assert world.session().desired is Desired.ONLINE

    def test_connected_against_our_will_is_a_contradiction(self) -> None:
        world = World()
        world.take(webhook("connected", 1), wanted("disconnect", 2, "offline"))
        world.take(webhook("disconnected", 3), webhook("connected", 50))
        assert world.session().desired is Desired.OFFLINE
        assert world.session().contradicts

    def test_a_pairing_sets_online(self) -> None:
        world = World()
        world.take(webhook("connected", 1), wanted("disconnect", 2, "offline"))
        world.take(webhook("qr_pending", 10, qr="a"), webhook("qr_pending", 30, qr="b"))
        assert world.session().desired is Desired.OFFLINE
        world.take(webhook("connected", 40))
        assert world.session().desired is Desired.ONLINE

    def test_a_disconnect_by_a_person_gives_the_operator_as_reason_and_names_who(self) -> None:
        world = World()
        world.take(webhook("connected", 1), wanted("disconnect", 2, "offline"), checked(None, 3))
        session = world.session()
        assert (session.status, session.reason) == (Status.DISCONNECTED, Reason.OPERATOR)
        assert session.detail == session.desired_by, "who it was"


class TestRule5Adoption:
    def test_first_seen_connected_is_online_and_stored(self) -> None:
        world = World()
        world.take(listed("connected", 1))
        assert world.session().restorable

    @pytest.mark.parametrize("status", ["qr_pending", "initializing", "disconnected"])
    def test_first_seen_otherwise_is_wanted_but_not_restored(self, status: str) -> None:
        world = World()
        world.take(listed(status, 1))
        assert world.session().wanted
        assert world.session().credentials is Credentials.UNKNOWN
        assert not world.session().restorable

    def test_the_user_is_read_from_the_session_id(self) -> None:
        world = World()
        world.take(webhook("connected", 1, session_id="user_12_instance_3f9c"))
        found = next(world.fleet.everything())
        assert found.user_id == "12"

    def test_a_missing_user_is_null_and_the_webhooks_own_is_taken(self) -> None:
        world = World()
        world.take(listed("connected", 1))
        assert world.session().user_id is None
        world.take(webhook("disconnected", 2, user_id="7"))
        assert world.session().user_id == "7"

    def test_late_events_do_not_resurrect_a_deleted_session(self) -> None:
        world = World()
        world.take(webhook("connected", 1), deleted(2))
        outcome = world.take(webhook("connected", 3))
        assert outcome.verdict is Verdict.TOMBSTONE
        assert world.fleet.sessions() == []
        assert world.session().deleted_at == ms(2)

    def test_a_client_still_listed_after_a_delete_is_an_orphan(self) -> None:
        world = World()
        world.take(webhook("connected", 1), deleted(2), listed("connected", 20))
        assert world.session().orphan
        world.take(listed("connected", 35))
        assert world.kinds.count("orphan") == 1
        world.take(listed(None, 50))
        assert not world.session().orphan

    def test_new_revives_a_deleted_session(self) -> None:
        world = World()
        world.take(webhook("connected", 1), deleted(2), wanted("new", 3, "online"))
        assert world.session().deleted_at is None
        assert world.session().wanted

    def test_an_unattributed_webhook_adopts_nothing(self) -> None:
        world = World()
        outcome = world.take(Unattributed("s1", Status.CONNECTED, ms(1), ["eu-1", "eu-2"]))
        assert outcome.verdict is Verdict.UNATTRIBUTED
        assert world.fleet.session(KEY) is None
        assert "eu-1, eu-2" in world.events[0].text


class TestRule6Gateway:
    def test_a_gateway_that_does_not_answer_changes_itself_and_no_session(self) -> None:
        world = World()
        world.take(healthy(0), checked("connected", 1), refused(10))
        assert world.fleet.gateway("eu-1").state is GatewayState.DOWN
        assert world.session().status is Status.CONNECTED
        assert world.session().proven_at is not None

    def test_its_return_is_remembered_so_that_older_proof_no_longer_counts(self) -> None:
        world = World()
        world.take(healthy(0), checked("connected", 1), refused(10), healthy(20, uptime=1020))
        gateway = world.fleet.gateway("eu-1")
        assert gateway.state is GatewayState.UP
        assert gateway.returned_at > (world.session().proven_at or 0)

    def test_not_found_means_disconnected_missing(self) -> None:
        world = World()
        world.take(checked("connected", 1), checked(None, 10))
        assert (world.session().status, world.session().reason) == (Status.DISCONNECTED, Reason.MISSING)

    def test_absence_from_the_list_is_a_reason_to_check_and_never_deletion(self) -> None:
        world = World()
        world.take(checked("connected", 1))
        outcome = world.take(listed(None, 10))
        assert outcome.check
        assert world.session().status is Status.CONNECTED

    def test_one_standing_difference_makes_one_event(self) -> None:
        world = World()
        world.take(webhook("disconnected", 1), listed("connected", 10), listed("connected", 25))
        assert world.kinds == ["adopted", "contradiction"]

    def test_a_failed_send_marks_that_one_session(self) -> None:
        world = World()
        world.take(checked("connected", 1))
        world.take(
            SendFailed(*KEY, ms(5), ms(6), "eu-1 refuses connections", reason=Reason.GATEWAY_UNREACHABLE)
        )
        assert world.session().status is Status.DISCONNECTED
        assert world.session().reason is Reason.GATEWAY_UNREACHABLE
        assert world.session().restorable

    def test_a_check_without_an_answer_is_told_once_and_changes_no_status(self) -> None:
        world = World()
        world.take(checked("connected", 1))
        for at in (10, 20):
            world.take(CheckFailed(*KEY, ms(at), ms(at + 5), "no answer within 5 s"))
        assert world.session().status is Status.CONNECTED
        assert world.session().unanswered == "no answer within 5 s"
        assert world.kinds == ["adopted", "unanswered"]
        world.take(checked("connected", 30))
        assert world.session().unanswered is None

    def test_a_wrong_key_is_said_as_such(self) -> None:
        from wa_tui.model.facts import Authorised

        world = World()
        world.take(healthy(0), Authorised("eu-1", ms(1), accepted=False, detail="Invalid API key"))
        world.take(healthy(10, uptime=1010))
        assert world.fleet.gateway("eu-1").state is GatewayState.UNAUTHORISED
        world.take(Authorised("eu-1", ms(20), accepted=True))
        assert world.fleet.gateway("eu-1").state is GatewayState.UP


class TestRule7Restoring:
    def test_what_happens_to_be_observed_does_not_decide(self) -> None:
        world = World()
        world.take(webhook("connected", 1), webhook("disconnected", 2, detail="Session closed"))
        assert world.session().restorable
        world.take(refused(3), checked(None, 4))
        assert world.session().restorable

    def test_neither_unwanted_nor_logged_out_sessions_are_restored(self) -> None:
        stopped, logged_out = World(), World()
        stopped.take(webhook("connected", 1), wanted("disconnect", 2, "offline"))
        logged_out.take(webhook("connected", 1), webhook("disconnected", 2, detail="LOGOUT"))
        assert not stopped.session().restorable
        assert not logged_out.session().restorable


class TestRule8Qr:
    def test_it_lives_sixty_seconds_from_the_corrected_event_time(self) -> None:
        world = World()
        world.take(healthy(0, clock=300), webhook("qr_pending", 310, received=12, qr="a"))
        assert world.qr().expires_at == ms(70)

    def test_the_same_code_seen_again_lives_no_longer(self) -> None:
        world = World()
        world.take(webhook("qr_pending", 10, qr="a"), checked("qr_pending", 40, qr="a"))
        assert world.qr().expires_at == ms(70)

    def test_a_rotated_code_lives_its_own_minute(self) -> None:
        world = World()
        world.take(webhook("qr_pending", 10, qr="a"), webhook("qr_pending", 30, qr="b"))
        assert (world.qr().code.payload, world.qr().expires_at) == ("b", ms(90))

    def test_expired_the_code_goes_and_the_status_stays(self) -> None:
        world = World()
        world.take(webhook("qr_pending", 10, qr="a"), QrExpired(*KEY, ms(69)))
        assert not world.qr().expired
        world.take(QrExpired(*KEY, ms(70)))
        assert world.qr().expired
        assert world.qr().code.payload == ""
        assert (world.session().status, world.session().reason) == (Status.QR_PENDING, Reason.QR_EXPIRED)
        world.take(checked("qr_pending", 80, qr="a"))
        assert world.qr().expired

    def test_a_connected_session_has_no_code(self) -> None:
        world = World()
        world.take(webhook("qr_pending", 10, qr="a"), webhook("connected", 20))
        assert world.session().qr is None

    def test_events_keep_no_payload(self) -> None:
        world = World()
        world.take(webhook("qr_pending", 10, qr="the secret code"))
        assert "the secret code" not in repr(world.events)


class TestTheRest:
    def test_a_connected_webhook_asks_for_proof(self) -> None:
        assert World().take(webhook("connected", 1)).check

    def test_an_observation_that_changes_nothing_makes_no_event(self) -> None:
        world = World()
        world.take(checked("connected", 1), checked("connected", 300))
        assert world.kinds == ["adopted"]
        assert world.session().proven_at == ms(300.01)

    def test_a_gateway_that_is_slow_once_is_slow_and_silent_twice_is_down(self) -> None:
        from wa_tui.model.facts import Unhealthy

        world = World()
        world.take(healthy(0), Unhealthy("eu-1", ms(10), "no answer within 5 s"))
        assert world.fleet.gateway("eu-1").state is GatewayState.SLOW
        world.take(Unhealthy("eu-1", ms(20), "no answer within 5 s"))
        assert world.fleet.gateway("eu-1").state is GatewayState.DOWN

    def test_names_from_outside_the_wire_are_kept(self) -> None:
        world = World()
        world.take(Described(*KEY, ms(0), user_id="12", instance_name="sales-eu", phone_number="49152"))
        assert (world.session().label, world.session().user_id) == ("sales-eu", "12")

    def test_an_action_is_under_way_until_its_outcome(self) -> None:
        world = World()
        world.take(webhook("disconnected", 1), wanted("reconnect", 2, "online"))
        assert world.session().action == "reconnect-2"
        world.take(ActionEnded(*KEY, ms(3), "reconnect", "mira@ops", "reconnect-2", "verified", "connected"))
        assert world.session().action is None
        assert world.events[-1].text == "reconnect verified: connected"

    def test_a_removed_session_is_gone(self) -> None:
        world = World()
        world.take(webhook("disconnected", 1), Removed(*KEY, ms(9), "never paired for 7 days"))
        assert world.fleet.session(KEY) is None
        assert world.fleet.owners("s1") == []

    def test_a_start_of_the_daemon_is_an_event(self) -> None:
        world = World()
        world.take(DaemonStarted(ms(5), alive=ms(1), detail="started"))
        assert world.kinds == ["daemon"]


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        (None, None),
        ("", None),
        ("LOGOUT", Reason.LOGOUT),
        ("UNPAIRED", Reason.LOGOUT),
        ("CONFLICT", Reason.CONFLICT),
        ("TOS_BLOCK", Reason.BANNED),
        ("SMB_TOS_BLOCK", Reason.BANNED),
        ("Your account has been blocked", Reason.BANNED),
        ("PROXYBLOCK", Reason.OTHER),
        ("Request blocked by proxy", Reason.OTHER),
        ("NAVIGATION", Reason.NAVIGATION),
        ("Max qrcode retries reached", Reason.QR_EXPIRED),
        ("Protocol error (Runtime.callFunctionOn): Target closed", Reason.BROWSER_DIED),
        ("Attempted to use detached Frame 'A1'.", Reason.BROWSER_DIED),
        ("Client session closed. Please reconnect the session.", Reason.BROWSER_DIED),
        ("Failed to restore session on Node.js restart", Reason.RESTORE_FAILED),
        ("Client not found", Reason.MISSING),
        (
            "The browser is already running for /srv/wa/.wwebjs_auth/session-X. Use a different `userDataDir` or stop "
            "the running browser first.",
            Reason.PROFILE_IN_USE,
        ),
        (
            "Failed to launch the browser process!\n[12:12:1130/072609.575:ERROR:process_singleton_posix.cc(345)] The "
            "profile appears to be in use by another Chromium process (4711) on another computer (lab-1). Chromium has "
            "locked the profile so that it doesn't get corrupted.",
            Reason.PROFILE_IN_USE,
        ),
        ("Failed to create a ProcessSingleton for your profile directory.", Reason.PROFILE_IN_USE),
        ("profile_in_use: held by Chromium 4711", Reason.PROFILE_IN_USE),
        ("Profile in use by Chromium 4711 on this host", Reason.PROFILE_IN_USE),
        (
            "Profile in use: end Chromium 4711 of node 4700, which is already running for /srv/wa/session-X",
            Reason.PROFILE_IN_USE,
        ),
        ("Failed to launch the browser process!", Reason.BROWSER_UNABLE),
        (
            "Failed to launch the browser process: Code: 127\n\nstderr:\nchromium: error",
            Reason.BROWSER_UNABLE,
        ),
        ("browser_unable: no usable sandbox", Reason.BROWSER_UNABLE),
        ("Browser cannot start: libgbm.so.1 is missing; apt-get install -y libgbm1", Reason.BROWSER_UNABLE),
        (
            "[1:1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+ or …",
            Reason.BROWSER_UNABLE,
        ),
        (
            "/usr/bin/chromium: error while loading shared libraries: libnss3.so: cannot open shared object file: No "
            "such file or directory",
            Reason.BROWSER_UNABLE,
        ),
        (
            "[7:7:ERROR:ozone_platform_x11.cc(240)] Missing X server or $DISPLAY\nThe platform failed to initialize.",
            Reason.BROWSER_UNABLE,
        ),
        ("ENOSPC: no space left on device, mkdir '/srv/wa/.wwebjs_auth/session-X'", Reason.BROWSER_UNABLE),
        ("disk full", Reason.BROWSER_UNABLE),
        ("Could not find Chrome (ver. 146.0.7680.31). This can occur if either …", Reason.BROWSER_UNABLE),
        ("Browser was not found at the configured executablePath (/usr/bin/chrome)", Reason.BROWSER_UNABLE),
        ("spawn /usr/bin/chromium EACCES", Reason.BROWSER_UNABLE),
        (
            "Timed out after 30000 ms while waiting for the WS endpoint URL to appear in stdout!",
            Reason.BROWSER_UNABLE,
        ),
        ("Health check detected disconnection", None),
        ("stub auth failure", Reason.OTHER),
    ],
)
def test_reasons_are_classified_from_the_gateways_words(detail: str | None, reason: Reason | None) -> None:
    assert classify(detail) is reason
