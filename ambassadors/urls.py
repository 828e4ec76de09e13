"""Hub: every page about people, slice by slice."""

from django.urls import include, path

app_name = "ambassadors"
urlpatterns = [
    path("", include("ambassadors.accounts.sso.urls")),
    path("", include("ambassadors.accounts.security_urls")),
    path("", include("ambassadors.accounts.token_urls")),
    path("", include("ambassadors.accounts.role_urls")),
    path("", include("ambassadors.directory.urls")),
    path("", include("ambassadors.enrolment.urls")),
    path("", include("ambassadors.audit.urls")),
    path("", include("ambassadors.enrolment.sign_up.urls")),
    path("", include("ambassadors.privacy.urls")),
    path("", include("ambassadors.provisioning.urls")),
    path("", include("ambassadors.channels.urls")),
]
