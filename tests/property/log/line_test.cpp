#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/base/utf8.hpp"
#include "common/log/json_text.hpp"
#include "common/log/logger.hpp"

namespace bullpen::log {

namespace {

class Last final : public Sink {
  public:
    explicit Last(std::string& line) : line_(line) {}
    Result<void> write(std::string_view line, UtcTime /*now*/) override {
        line_ = line;
        return {};
    }
    Result<void> sync() override { return {}; }

  private:
    std::string& line_;
};

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

TEST_CASE("whatever is put in, a line is one line of valid JSON") {
    CHECK(rc::check("any bytes in names, events and values", [] {
        const FakeClock clock;
        std::string line;
        Logger logger(std::make_unique<Last>(line), clock, {"alpha", "1"});
        logger.set_correlation(*rc::gen::arbitrary<std::string>());
        const auto event = *rc::gen::arbitrary<std::string>();
        const auto name = *rc::gen::arbitrary<std::string>();
        const auto text = *rc::gen::scale(20, rc::gen::arbitrary<std::string>());
        logger.info(event, {{name, text}, {"x", *rc::gen::arbitrary<double>()}});
        RC_ASSERT(line.size() <= k_line_size_max);
        RC_ASSERT(line.find('\n') == line.size() - 1);
        // The parser refuses text that is not UTF-8.
        const auto parsed = nlohmann::json::parse(line, nullptr, false);
        RC_ASSERT(parsed.is_object());
        RC_ASSERT(parsed["account"] == "alpha");
        if (is_ascii(event))
            RC_ASSERT(parsed["event"] == event);
    }));
}

TEST_CASE("text that is UTF-8 comes back as it was") {
    CHECK(rc::check("code points of every length", [] {
        std::string text;
        for (const auto point :
             *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(1U, 0x110000U))) {
            if (point >= 0xD800 && point < 0xE000)
                continue;
            if (point < 0x80) {
                text.push_back(static_cast<char>(point));
            } else if (point < 0x800) {
                text.push_back(static_cast<char>(0xC0 | point >> 6));
                text.push_back(static_cast<char>(0x80 | (point & 0x3F)));
            } else if (point < 0x10000) {
                text.push_back(static_cast<char>(0xE0 | point >> 12));
                text.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
                text.push_back(static_cast<char>(0x80 | (point & 0x3F)));
            } else {
                text.push_back(static_cast<char>(0xF0 | point >> 18));
                text.push_back(static_cast<char>(0x80 | (point >> 12 & 0x3F)));
                text.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
                text.push_back(static_cast<char>(0x80 | (point & 0x3F)));
            }
        }
        std::string out;
        append_json_text(out, text);
        RC_ASSERT(nlohmann::json::parse(out).get<std::string>() == text);
        const auto limit = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
        std::string cut;
        append_json_text(cut, cut_utf8(text, limit));
        RC_ASSERT(cut.find("\xEF\xBF\xBD") == std::string::npos ||
                  text.find("\xEF\xBF\xBD") != std::string::npos);
    }));
}

TEST_CASE("a number reads back to the same number") {
    CHECK(rc::check("any double", [] {
        const auto value = *rc::gen::arbitrary<double>();
        std::string out;
        append_json_number(out, value);
        RC_ASSERT(nlohmann::json::parse(out).get<double>() == value);
    }));
    for (const double value :
         {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::quiet_NaN()}) {
        std::string out;
        append_json_number(out, value);
        CHECK(out == "null");
    }
}

TEST_CASE("a known secret is in no line, wherever it stands") {
    CHECK(rc::check("secrets among any text", [] {
        const auto secret =
            *rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::inRange('!', '~')),
                               [](const std::string& s) { return s.size() >= 6; });
        Redactor redactor;
        redactor.add(secret);
        const auto text =
            *rc::gen::arbitrary<std::string>() + secret + *rc::gen::arbitrary<std::string>();
        RC_ASSERT(redactor.clean(text).find(secret) == std::string::npos);
    }));
}

}  // namespace bullpen::log
