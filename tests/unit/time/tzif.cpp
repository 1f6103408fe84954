#include "tests/unit/time/tzif.hpp"

namespace bullpen::time {

namespace {

void put(std::uint64_t value, int bytes, std::string* out) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out->push_back(static_cast<char>(value >> shift & 0xFF));
}

void put_header(std::size_t transitions, std::size_t types, std::size_t letters, std::string* out) {
    *out += "TZif2";
    out->append(15, '\0');
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{0}, std::size_t{0}, transitions, types, letters})
        put(count, 4, out);
}

}  // namespace

std::string tzif(const std::vector<TestTransition>& transitions, const std::vector<TestType>& types,
                 std::string_view footer) {
    std::string out;
    put_header(0, 1, 1, &out);
    put(0, 4, &out);
    out.append(3, '\0');
    put_header(transitions.size(), types.size(), 1, &out);
    for (const TestTransition& transition : transitions)
        put(static_cast<std::uint64_t>(transition.at), 8, &out);
    for (const TestTransition& transition : transitions)
        put(transition.type, 1, &out);
    for (const TestType& type : types) {
        put(static_cast<std::uint32_t>(type.offset), 4, &out);
        put(type.daylight ? 1 : 0, 1, &out);
        put(0, 1, &out);
    }
    out.push_back('\0');
    out += "\n";
    out += footer;
    out += "\n";
    return out;
}

std::string new_york_by_rule() {
    return tzif({}, {{-18000, false}}, "EST5EDT,M3.2.0,M11.1.0");
}

}  // namespace bullpen::time
