// Typed values -> YAML nodes that ValuesReader reads back to equal values.
#pragma once

#include <span>

#include "config/field.h"
#include "config/node.h"

namespace costdrift::config {

// Every field of `fields`, in their order. Secrets as "<secret>"; "not set" as null where no text could say it.
Node to_node(const Values& values, std::span<const FieldSpec> fields);

}  // namespace costdrift::config
