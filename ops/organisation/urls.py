"""Addresses of the organisation."""

from django.urls import path
from django.urls.resolvers import URLPattern

from ops.organisation.views import exceptions, me, people, reviews

app_name = "organisation"

urlpatterns: list[URLPattern] = [
    path("me/", me.MyAccount.as_view(), name="me"),
    path("people/", people.PeopleList.as_view(), name="people"),
    path("people/new/", people.Join.as_view(), name="join"),
    path("people/<int:person_id>/", people.PersonScreen.as_view(), name="person"),
    path("duty-exceptions/", exceptions.ExceptionList.as_view(), name="exceptions"),
    path(
        "duty-exceptions/<int:exception_id>/",
        exceptions.ExceptionScreen.as_view(),
        name="exception",
    ),
    path("access-reviews/", reviews.ReviewList.as_view(), name="reviews"),
    path("access-reviews/<int:review_id>/", reviews.ReviewScreen.as_view(), name="review"),
]
