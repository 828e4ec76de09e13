from allauth.account import views as allauth_views
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from config import administration, appearance, kept, keyboard, search, styleguide, views, worker

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language_set, name="language-set"),
    path("theme/", appearance.theme_set, name="appearance-set"),
    path("manifest.webmanifest", appearance.manifest, name="manifest"),
    path("search/", search.search, name="search"),
    path("keyboard/", keyboard.keyboard, name="keyboard"),
    path("service-worker.js", worker.service_worker, name="service-worker"),
    path("offline/", worker.offline, name="offline"),
    path("settings/", administration.settings_list, name="settings-list"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("media/content/<str:name>", views.picture, name="picture"),
    path("kept/<str:name>/", kept.kept, name="kept"),
    path("healthz", views.healthz, name="healthz"),
    path("accounts/logout/", views.logout, name="account_logout"),
    # Read only: an account's address comes from the directory.
    path("accounts/email/", require_safe(allauth_views.email), name="account_email"),
    # Not allauth.urls: of its pages for other sites' accounts none is ours (accounts/sso has them).
    path("accounts/", include("allauth.account.urls")),
    # Shown once, and to be saved from there.
    path(
        "accounts/2fa/recovery-codes/download/",
        RedirectView.as_view(pattern_name="mfa_view_recovery_codes"),
        name="mfa_download_recovery_codes",
    ),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("", include("activity.urls")),
    path("", include("ambassadors.urls")),
    path("", include("campaigns.urls")),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.not_found
handler500 = views.server_error
