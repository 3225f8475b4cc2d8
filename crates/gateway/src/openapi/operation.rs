//! What one route does, for who reads about it.

use utoipa::ToSchema;
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{Object, RefOr};

use super::schema::Body;
use super::tags::Tag;

/// What one route does. What follows from the route itself, such as its path and its errors, is not repeated here.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(super) tag: Tag,
    /// A word for it in programs: the `operationId`.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) filters: Vec<(&'static str, Object)>,
    pub(super) body: Option<Content>,
    /// Several where one of several is answered.
    pub(super) answer: Vec<Shown>,
    pub(super) is_list: bool,
    pub(super) creates: bool,
}

/// What is sent.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) media_type: &'static str,
    pub(super) is_required: bool,
    pub(super) schema: RefOr<Schema>,
}

/// What is answered: a type's name, its schema, and those of the types in it.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) components: Vec<(String, RefOr<Schema>)>,
}

impl Operation {
    /// An operation that takes nothing and answers nothing yet.
    pub(crate) fn new(tag: Tag, id: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            id,
            summary,
            description: None,
            filters: Vec::new(),
            body: None,
            answer: Vec::new(),
            is_list: false,
            creates: false,
        }
    }

    /// Says more than the summary.
    pub(crate) fn about(self, description: &'static str) -> Self {
        Self { description: Some(description), ..self }
    }

    /// Takes a JSON body.
    pub(crate) fn takes(self, body: Body) -> Self {
        self.sends("application/json", body.is_required(), body)
    }

    /// Takes a JSON body of one of two kinds.
    pub(crate) fn takes_either(self, one: Body, other: Body) -> Self {
        let is_required = one.is_required() && other.is_required();
        let either = OneOfBuilder::new().item(one).item(other).build();
        self.sends("application/json", is_required, Schema::from(either))
    }

    /// Takes a form with a file.
    pub(crate) fn takes_upload(self, body: Body) -> Self {
        self.sends("multipart/form-data", body.is_required(), body)
    }

    fn sends(
        self,
        media_type: &'static str,
        is_required: bool,
        schema: impl Into<RefOr<Schema>>,
    ) -> Self {
        let body = Some(Content { media_type, is_required, schema: schema.into() });
        Self { body, ..self }
    }

    /// Takes a parameter of the query.
    pub(crate) fn filter(mut self, name: &'static str, schema: Object) -> Self {
        self.filters.push((name, schema));
        self
    }

    /// Answers with one of these, or with one of those that were named before.
    pub(crate) fn answers<T: ToSchema>(mut self) -> Self {
        let name = T::name().into_owned();
        let mut components = vec![(name.clone(), T::schema())];
        T::schemas(&mut components);
        self.answer.push(Shown { name, components });
        self
    }

    /// Answers with one that is new: 201 where the surface says so.
    pub(crate) fn creates<T: ToSchema>(self) -> Self {
        Self { creates: true, ..self.answers::<T>() }
    }

    /// Answers with a part of a list of these.
    pub(crate) fn lists<T: ToSchema>(self) -> Self {
        Self { is_list: true, ..self.answers::<T>() }
    }
}
