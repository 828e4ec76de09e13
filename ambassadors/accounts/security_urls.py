from django.urls import path

from ambassadors.accounts import security_pages

urlpatterns = [
    path("accounts/confirm/code/", security_pages.confirm_code, name="confirm-code"),
    path("accounts/sessions/<int:pk>/end/", security_pages.session_end, name="session-end"),
]
