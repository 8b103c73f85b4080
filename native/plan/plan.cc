#include "plan/plan.h"

#include <cstring>

namespace palisade::plan {
namespace {

constexpr std::size_t kStepBytesMin = 8 + 5;  // opcode, zero, length, empty origin

bool read_header(Reader& reader, std::size_t length, Plan& plan, std::uint32_t& count) {
  for (const char* letter = kMagic; *letter != '\0'; ++letter) {
    std::uint8_t byte = 0;
    reader.read(byte);
    if (byte != static_cast<std::uint8_t>(*letter)) return false;
  }
  std::uint32_t schema = 0;
  std::uint32_t total = 0;
  reader.read(schema);
  reader.read(total);
  reader.read(plan.audit_arch);
  reader.read(count);
  return !reader.failed() && schema == kSchema && total == length && count <= reader.remaining() / kStepBytesMin;
}

bool read_one(Reader& reader, Step& step) {
  std::uint16_t zero = 0;
  std::uint32_t length = 0;
  reader.read(step.opcode);
  reader.read(zero);
  reader.read(length);
  Reader payload = reader.part(length);
  if (reader.failed() || zero != 0 || step.opcode >= kOpCount) return false;
  payload.read(step.origin);
  step.body = read_step(payload, step.opcode);
  return !payload.failed() && payload.remaining() == 0;
}

}  // namespace

bool decode(Bytes bytes, Arena& arena, Plan& plan) {
  if (bytes.size() > kPlanBytesMax) return false;
  Reader reader(bytes, arena);
  std::uint32_t count = 0;
  if (!read_header(reader, bytes.size(), plan, count)) return false;
  Step* const steps = arena.make<Step>(count);
  if (steps == nullptr) return false;
  for (std::uint32_t index = 0; index < count; ++index) {
    if (!read_one(reader, steps[index])) return false;
  }
  plan.steps = {steps, count};
  return reader.remaining() == 0;
}

}  // namespace palisade::plan
