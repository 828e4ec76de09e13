from django.urls import path

from ambassadors.enrolment.sign_up import views

urlpatterns = [
    path("sign-up/ask/", views.sign_up_ask, name="sign-up-ask"),
    path("sign-up/confirm/<str:token>/", views.sign_up_confirm, name="sign-up-confirm"),
    path("sign-up/<str:token>/", views.sign_up_open, name="sign-up-open"),
    path("people/sign-up/", views.sign_up_list, name="sign-up-list"),
    path("people/sign-up/<int:pk>/revoke/", views.sign_up_revoke, name="sign-up-revoke"),
    path("people/sign-up/<int:pk>/decide/", views.sign_up_decide, name="sign-up-decide"),
]
