from django.urls import path

from ambassadors.accounts import token_pages

urlpatterns = [
    path("tokens/", token_pages.token_list, name="token-list"),
    path("tokens/<int:pk>/revoke/", token_pages.token_revoke, name="token-revoke"),
]
