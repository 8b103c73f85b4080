#include "fuzz/plain_names.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace palisade::fuzz {
namespace {

const std::string kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";

std::string lowered(std::string text) {
  for (char& byte : text) byte = static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  return text;
}

bool is_number(const std::string& label) {
  if (label.starts_with("0x")) return label.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
  return label.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Labels split_labels(const std::string& name) {
  Labels labels;
  std::istringstream input(name);
  for (std::string label; std::getline(input, label, '.');) labels.push_back(label);
  if (name.ends_with('.')) labels.emplace_back();
  return labels;
}

bool is_plain_label(const std::string& label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return lowered(label).find_first_not_of(kLetters) == std::string::npos;
}

bool is_plain_host(const std::string& name) {
  const Labels labels = split_labels(name);
  if (name.empty() || name.size() > 253) return false;
  return std::all_of(labels.begin(), labels.end(), is_plain_label) && !is_number(lowered(labels.back()));
}

bool labels_match(const Labels& name, const std::string& policy_name) {
  const Labels wanted = split_labels(policy_name);
  if (name.size() != wanted.size()) return false;
  for (std::size_t index = 0; index < name.size(); ++index) {
    const bool any = index == 0 && wanted.size() > 1 && wanted[0] == "*";
    if (any ? !is_plain_label(name[0]) : lowered(name[index]) != lowered(wanted[index])) return false;
  }
  return true;
}

}  // namespace palisade::fuzz
