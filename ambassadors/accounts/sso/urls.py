from django.urls import path

from ambassadors.accounts.sso import door, pages

urlpatterns = [
    path("sso/", door.sso_find, name="sso-find"),
    path("sso/<slug:slug>/", door.sso_begin, name="sso-begin"),
    path("sso/<slug:slug>/callback/", door.sso_callback, name="sso-callback"),
    path("sso/<slug:slug>/acs/", door.sso_acs, name="sso-acs"),
    path("sso/<slug:slug>/finish/", door.sso_finish, name="sso-finish"),
    path("sso/<slug:slug>/metadata/", door.sso_metadata, name="sso-metadata"),
    path("sign-on/", pages.sign_on_list, name="sign-on-list"),
    path("sign-on/new/<str:kind>/", pages.sign_on_new, name="sign-on-new"),
    path("sign-on/<int:pk>/", pages.sign_on_edit, name="sign-on-edit"),
    path("sign-on/<int:pk>/test/", pages.sign_on_test, name="sign-on-test"),
    path("sign-on/<int:pk>/remove/", pages.sign_on_remove, name="sign-on-remove"),
]
