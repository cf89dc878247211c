from __future__ import annotations

from bot.web.headers import forms_to


def test_a_form_leads_to_us_and_on_to_slack_and_its_workspaces_where_it_is_answered_so() -> None:
    assert forms_to(None) == "form-action 'self'"
    assert forms_to("https://slack.com") == "form-action 'self' https://slack.com https://*.slack.com"
    assert forms_to("http://127.0.0.1:1") == "form-action 'self' http://127.0.0.1:1"
