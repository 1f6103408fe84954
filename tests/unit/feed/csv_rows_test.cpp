#include "common/feed/csv_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/feed/csv_support.hpp"

namespace bullpen::feed {
namespace {

std::vector<std::string> lines_of(std::string_view bytes, std::string* damage = nullptr) {
    auto source = unpacked(memory_source(bytes));
    REQUIRE(source.has_value());
    LineReader reader(std::move(*source));
    std::vector<std::string> lines;
    while (true) {
        const auto line = reader.next();
        REQUIRE(line.has_value());
        if (!*line)
            break;
        CHECK((*line)->number == lines.size() + 1);
        lines.push_back((*line)->too_long
                            ? "<too long>"
                            : std::string((*line)->text) + ((*line)->crlf ? "<crlf>" : ""));
    }
    if (damage != nullptr)
        *damage = reader.damage();
    return lines;
}

using Lines = std::vector<std::string>;

TEST_CASE("lines end in LF or CR LF, the last one in either or nothing") {
    CHECK(lines_of("") == Lines{});
    CHECK(lines_of("\n") == Lines{""});
    CHECK(lines_of("a\nb") == Lines{"a", "b"});
    CHECK(lines_of("a\nb\n") == Lines{"a", "b"});
    CHECK(lines_of("a\r\n\r\nb\r\n") == Lines{"a<crlf>", "<crlf>", "b<crlf>"});
    CHECK(lines_of("\xEF\xBB\xBFts,open\nx") == Lines{"ts,open", "x"});
    // Only before the first line.
    CHECK(lines_of("a\n\xEF\xBB\xBF") == Lines{"a", "\xEF\xBB\xBF"});
}

TEST_CASE("a line over the limit is told and the next one is whole") {
    const std::string limit(LineReader::k_line_length_max, 'x');
    CHECK(lines_of(limit + "\nb\n") == Lines{limit, "b"});
    CHECK(lines_of(limit + "x\nb\n") == Lines{"<too long>", "b"});
    CHECK(lines_of(std::string(1'000'000, 'x') + "\nb\n") == Lines{"<too long>", "b"});
    CHECK(lines_of("a\n" + std::string(1'000'000, 'x')) == Lines{"a", "<too long>"});
}

TEST_CASE("lines across the edges of the buffer are whole") {
    std::string text;
    Lines expected;
    for (int i = 0; i < 20'000; ++i) {
        expected.push_back(std::string(static_cast<std::size_t>(i % 97), 'a') + std::to_string(i));
        text += expected.back() + "\n";
    }
    CHECK(lines_of(text) == expected);
    CHECK(lines_of(gzipped(text)) == expected);
}

TEST_CASE("gzip is seen by its first bytes; members follow each other") {
    CHECK(lines_of(gzipped("a\nb\n")) == Lines{"a", "b"});
    CHECK(lines_of(gzipped("a\nb") + gzipped("c\nd\n")) == Lines{"a", "bc", "d"});
    CHECK(lines_of(gzipped("a\n") + std::string(512, '\0')) == Lines{"a"});
    CHECK(lines_of("\x1f") == Lines{"\x1f"});
    CHECK(lines_of("\x1f,x\n") == Lines{"\x1f,x"});
}

TEST_CASE("of a gzip stream cut off anywhere the readable part is given and the rest is told") {
    std::string text;
    for (int i = 0; i < 5000; ++i)
        text += std::to_string(i * 7919 % 100'003) + "\n";
    const std::string packed = gzipped(text);
    std::string damage;
    const Lines whole = lines_of(packed, &damage);
    CHECK(damage.empty());
    for (std::size_t length = 2; length < packed.size(); length += 61) {
        const Lines part = lines_of(packed.substr(0, length), &damage);
        CHECK(damage == "the gzip stream breaks off");
        REQUIRE(part.size() <= whole.size());
        for (std::size_t i = 0; i + 1 < part.size(); ++i)
            REQUIRE(part[i] == whole[i]);
    }
    const Lines most = lines_of(packed.substr(0, packed.size() - 9), &damage);
    CHECK(most.size() + 200 > whole.size());
}

TEST_CASE("a damaged gzip stream ends the text and says so") {
    std::string packed = gzipped(std::string(100'000, 'a'));
    packed[12] = static_cast<char>(packed[12] ^ 0x55);
    std::string damage;
    lines_of(packed, &damage);
    CHECK_FALSE(damage.empty());
    lines_of(gzipped("a\n") + "garbage that is no member", &damage);
    CHECK(damage == "the gzip stream is damaged");
}

TEST_CASE("a file that is not there is an error with its name") {
    const auto source = open_file_source("/nowhere/bars.csv");
    REQUIRE_FALSE(source.has_value());
    CHECK(source.error().message().find("/nowhere/bars.csv") != std::string::npos);
}

std::vector<std::string> split(std::string_view line, char delimiter) {
    Fields fields;
    fields.split(line, delimiter);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(fields.size(), Fields::k_fields_max); ++i)
        out.emplace_back(fields[i]);
    return out;
}

TEST_CASE("fields are split, trimmed and taken out of quotes") {
    CHECK(split("a,b,c", ',') == Lines{"a", "b", "c"});
    CHECK(split("", ',') == Lines{""});
    CHECK(split(",", ',') == Lines{"", ""});
    CHECK(split(" a ;\tb;", ';') == Lines{"a", "b", ""});
    CHECK(split("\"2025-04-07, 03:45\",\"1\"", ',') == Lines{"2025-04-07, 03:45", "1"});
    CHECK(split(" \"a\" ,b", ',') == Lines{"a", "b"});
    CHECK(split("\"open", ',') == Lines{"open"});
    CHECK(split("\"", ',') == Lines{""});
    CHECK(split("a\tb", '\t') == Lines{"a", "b"});
}

TEST_CASE("more fields than the limit are counted as one too many") {
    Fields fields;
    fields.split(std::string(Fields::k_fields_max - 1, ','), ',');
    CHECK(fields.size() == Fields::k_fields_max);
    fields.split(std::string(Fields::k_fields_max, ','), ',');
    CHECK(fields.size() == Fields::k_fields_max + 1);
    fields.split(std::string(3000, ','), ',');
    CHECK(fields.size() == Fields::k_fields_max + 1);
}

}  // namespace
}  // namespace bullpen::feed
