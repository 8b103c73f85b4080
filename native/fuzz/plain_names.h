// A second matcher of host names for the fuzzer to compare with: labels in containers, compared one by one.
#pragma once

#include <string>
#include <vector>

namespace palisade::fuzz {

using Labels = std::vector<std::string>;

[[nodiscard]] Labels split_labels(const std::string& name);
[[nodiscard]] bool is_plain_label(const std::string& label);
[[nodiscard]] bool is_plain_host(const std::string& name);
// `name` as labels, so that a dot in one of them stays one.
[[nodiscard]] bool labels_match(const Labels& name, const std::string& policy_name);

}  // namespace palisade::fuzz
