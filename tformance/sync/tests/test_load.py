from tformance.accounts.tenancy import tenant
from tformance.facts import testing as facts
from tformance.facts.models.pull_request import PullRequest
from tformance.sync.tasks import derive_stale


def test_values_of_an_older_definition_follow_the_new_one_in_every_team(db: None) -> None:
    teams = [facts.team("acme"), facts.team("other")]
    for team in teams:
        facts.write(team, facts.page(facts.pull_request(files=facts.whole([facts.file()]))))
        with tenant(team.pk):
            PullRequest.objects.update(derived_version=0, size_lines=99999)
    derive_stale()
    for team in teams:
        with tenant(team.pk):
            assert list(PullRequest.objects.values_list("size_lines", flat=True)) == [24]
