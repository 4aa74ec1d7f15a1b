"""Addresses of the web pages; every tenant page is under /t/<team>/."""

from django.urls import path

from tformance.faces.web import (
    connections,
    deployments,
    entry,
    explain,
    exports,
    files,
    numbers,
    overview,
    pull,
    pulls,
    quality,
    review,
)

urlpatterns = [
    path("", entry.home, name="home"),
    path("welcome/", entry.welcome, name="welcome"),
    path("theme/", entry.theme, name="theme"),
    path("t/<slug:team>/", overview.overview, name="overview"),
    path("t/<slug:team>.csv", numbers.overview_csv, name="overview_csv"),
    path("t/<slug:team>.json", numbers.overview_json, name="overview_json"),
    path("t/<slug:team>/now/", overview.now, name="now"),
    path("t/<slug:team>/explain/<slug:measure>/<slug:statistic>/", explain.explain, name="explain"),
    path("t/<slug:team>/quality/", quality.page, name="quality"),
    path("t/<slug:team>/quality.<str:kind>", quality.file, name="quality_file"),
    path("t/<slug:team>/review/", review.page, name="review"),
    path("t/<slug:team>/review/threads/", review.threads, name="review_threads"),
    path("t/<slug:team>/review.<str:kind>", review.file, name="review_file"),
    path("t/<slug:team>/files/", files.page, name="files"),
    path("t/<slug:team>/files.<str:kind>", files.file, name="files_file"),
    path("t/<slug:team>/deployments/", deployments.page, name="deployments"),
    path("t/<slug:team>/deployments/list/", deployments.listed, name="deployments_list"),
    path("t/<slug:team>/deployments.<str:kind>", deployments.file, name="deployments_file"),
    path("t/<slug:team>/pulls/", pulls.pulls, name="pulls"),
    path("t/<slug:team>/pulls.csv", exports.pulls_csv, name="pulls_csv"),
    path("t/<slug:team>/pulls.json", exports.pulls_json, name="pulls_json"),
    path("t/<slug:team>/pulls/<path:owner>/<str:repository>/<int:number>/", pull.pull, name="pull"),
    path("t/<slug:team>/connections/", connections.page, name="connections"),
    path("t/<slug:team>/connections/live/", connections.live, name="connections_live"),
    path("t/<slug:team>/connections/github/", connections.add_github, name="connect_github"),
    path("t/<slug:team>/connections/read/", connections.read_now, name="read_now"),
    path(
        "t/<slug:team>/connections/<int:connection>/repositories/",
        connections.choose_repositories,
        name="choose_repositories",
    ),
    path("t/<slug:team>/connections/<int:connection>/pause/", connections.pause, name="pause_connection"),
    path("t/<slug:team>/connections/<int:connection>/resume/", connections.resume, name="resume_connection"),
]
