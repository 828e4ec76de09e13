from django.urls import path

from ambassadors.accounts import role_pages

urlpatterns = [
    path("roles/", role_pages.role_list, name="role-list"),
    path("roles/who-may/", role_pages.role_matrix, name="role-matrix"),
    path("roles/<int:pk>/", role_pages.role_edit, name="role-edit"),
]
