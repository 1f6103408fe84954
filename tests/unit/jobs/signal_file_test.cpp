#include "worker/jobs/signal_file.hpp"

#include <zip.h>

#include <doctest/doctest.h>

#include <algorithm>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::jobs;

namespace {

const std::vector<Signal> k_two{{"INFY", {134'005}, {129'990}, {150'000}},
                                {"M&M", {90'000}, {88'000}, {99'950}}};

// A workbook of these parts, as bytes.
std::string workbook(const std::vector<std::pair<std::string, std::string>>& parts) {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/book.xlsx";
    auto* archive = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
    REQUIRE(archive != nullptr);
    for (const auto& [name, text] : parts) {
        REQUIRE(zipOpenNewFileInZip(archive, name.c_str(), nullptr, nullptr, 0, nullptr, 0, nullptr,
                                    Z_DEFLATED, Z_DEFAULT_COMPRESSION) == ZIP_OK);
        REQUIRE(zipWriteInFileInZip(archive, text.data(), static_cast<unsigned>(text.size())) ==
                ZIP_OK);
        REQUIRE(zipCloseFileInZip(archive) == ZIP_OK);
    }
    REQUIRE(zipClose(archive, nullptr) == ZIP_OK);
    return test::read_text(path);
}

const std::string k_book = R"(<?xml version="1.0"?><workbook xmlns:r="x"><sheets>)"
                           R"(<sheet name="Signals" sheetId="1" r:id="rId7"/></sheets></workbook>)";
const std::string k_relations =
    R"(<Relationships><Relationship Id="rId1" Target="styles.xml"/>)"
    R"(<Relationship Id="rId7" Target="worksheets/sheet3.xml"/></Relationships>)";
const std::string k_strings =
    R"(<sst><si><t>Ticker</t></si><si><t>Entry_Price</t></si><si><t>Stop_Loss</t></si>)"
    R"(<si><r><t>Tar</t></r><r><t>get1</t></r></si><si><t>M&amp;M</t></si></sst>)";
const std::string k_sheet =
    R"(<worksheet><sheetData>)"
    R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c>)"
    R"(<c r="D1" t="s"><v>2</v></c><c r="E1" t="s"><v>3</v></c></row>)"
    R"(<row r="2"><c r="A2" t="inlineStr"><is><t>INFY</t></is></c><c r="C2"><v>1340.0499999999999</v></c>)"
    R"(<c r="D2"><f>C2*0.97</f><v>1299.9</v></c><c r="E2"><v>1500</v></c></row>)"
    R"(<row r="3"><c r="A3" t="s"><v>4</v></c><c r="C3"><v>900</v></c><c r="D3"><v>880</v></c>)"
    R"(<c r="E3"><v>999.5</v></c></row></sheetData></worksheet>)";

std::string good_workbook() {
    return workbook({{"xl/workbook.xml", k_book},
                     {"xl/_rels/workbook.xml.rels", k_relations},
                     {"xl/sharedStrings.xml", k_strings},
                     {"xl/worksheets/sheet3.xml", k_sheet}});
}

}  // namespace

TEST_CASE("the three kinds of files say the same") {
    const auto csv = read_signals("a.csv",
                                  "\xEF\xBB\xBF"
                                  "Date,ticker,Entry_Price, STOP_LOSS ,Target1,Note\r\n"
                                  "1,INFY,1340.05,1299.90,1500,\"a, \"\"b\"\"\"\r\n\r\n"
                                  "2,M&M,900,880,999.5,\r\n");
    REQUIRE_MESSAGE(csv, csv.error().message());
    CHECK(csv->signals == k_two);
    CHECK(csv->bad_rows.empty());
    const auto json = read_signals(
        "b.JSON", R"([{"symbol":"INFY","entry":1340.05,"stop":"1299.90","target":1500},)"
                  R"({"symbol":"M&M","target":999.5,"entry":900,"stop":880}])");
    REQUIRE_MESSAGE(json, json.error().message());
    CHECK(json->signals == k_two);
    const auto xlsx = read_signals("c.xlsx", good_workbook());
    REQUIRE_MESSAGE(xlsx, xlsx.error().message());
    CHECK(xlsx->signals == k_two);
}

TEST_CASE("a row that makes no sense is told with its place, and leaves the others alone") {
    const auto sheet = read_signals("a.csv",
                                    "Ticker,Entry_Price,Stop_Loss,Target1\n"
                                    "in fy,1,1,1\nINFY,1340.05,1299.90,1500\nTCS,12,\"1,5\",20\n"
                                    "TCS,-1,2,3\nTCS,1,2\nTCS,inf,2,3\nM&M,900,880,999.5\n");
    REQUIRE(sheet.has_value());
    CHECK(sheet->signals == k_two);
    CHECK(sheet->bad_rows == std::vector<std::string>{"row 2: Ticker 'in fy' is no symbol",
                                                      "row 4: Stop_Loss '1,5' is no price",
                                                      "row 5: Entry_Price '-1' is no price",
                                                      "row 6: Target1 '' is no price",
                                                      "row 7: Entry_Price 'inf' is no price"});
}

TEST_CASE("symbols and prices are read as spreadsheets have them") {
    const auto sheet = read_signals("a.csv",
                                    "\xEF\xBB\xBFTicker;Entry_Price;Stop_Loss;Target1\r\n"
                                    "nse:infy;\xE2\x82\xB9 1,340.05;Rs. 1299.90;\"1,500/-\"\r\n"
                                    "M&M;INR 900;880.00;999.5\r\n");
    REQUIRE_MESSAGE(sheet, sheet.error().message());
    CHECK(sheet->signals == k_two);
    CHECK(sheet->bad_rows.empty());
    struct Row {
        const char* text;
        std::int64_t paise;  // 0: it is no price
    };
    constexpr Row k_rows[] = {{"4,000.00", 400'000},
                              {"1,34,000", 13'400'000},
                              {"12,34,567.5", 123'456'750},
                              {"Rs4000", 400'000},
                              {"1,5", 0},
                              {"4000,50", 0},
                              {"1234,000", 0},
                              {",000", 0},
                              {"1,,000", 0},
                              {"1,0,000", 0},
                              {"$4000", 0},
                              {"\xE2\x82\xB9", 0}};
    for (const auto& row : k_rows) {
        const auto read =
            signals_of({{"ticker", "entry", "stop", "target"}, {"INFY", row.text, "1", "2"}});
        REQUIRE(read.has_value());
        CHECK_MESSAGE(read->signals.size() == (row.paise > 0 ? 1 : 0), row.text);
        if (row.paise > 0 && !read->signals.empty())
            CHECK_MESSAGE(read->signals.front().entry.ticks == row.paise, row.text);
    }
    const auto other =
        signals_of({{"ticker", "entry", "stop", "target"}, {"BSE:INFY", "3", "1", "2"}});
    REQUIRE(other.has_value());
    CHECK(other->signals.empty());
    CHECK(other->bad_rows == std::vector<std::string>{"row 2: Ticker 'BSE:INFY' is no symbol"});
}

TEST_CASE("a workbook whose elements have a prefix says the same") {
    const auto prefixed = [](std::string text) {
        for (const char* name : {"workbook", "sheets", "sheet ", "sst", "si>", "r>", "t>",
                                 "worksheet", "sheetData", "row", "c ", "c>", "v>", "is>", "f>"}) {
            for (const std::string begin : {"<", "</"}) {
                const auto from = begin + name;
                const auto to = begin + "x:" + name;
                for (auto at = text.find(from); at != std::string::npos;
                     at = text.find(from, at + to.size()))
                    text.replace(at, from.size(), to);
            }
        }
        return text;
    };
    const auto sheet =
        read_signals("c.xlsx", workbook({{"xl/workbook.xml", prefixed(k_book)},
                                         {"xl/_rels/workbook.xml.rels", k_relations},
                                         {"xl/sharedStrings.xml", prefixed(k_strings)},
                                         {"xl/worksheets/sheet3.xml", prefixed(k_sheet)}}));
    REQUIRE_MESSAGE(sheet, sheet.error().message());
    CHECK(sheet->signals == k_two);
}

TEST_CASE("a file that somebody still copies is known by its last line") {
    const std::string head = "Ticker,Entry_Price,Stop_Loss,Target1\n";
    CHECK(is_cut_short("a.CSV", head + "INFY,1340.05,12"));
    CHECK(is_cut_short("a.csv", head + "INFY,\"1340"));
    CHECK(is_cut_short("a.csv", head + "INFY,1340.05,1299.90,1500\nTC"));
    // Of 15000, perhaps.
    CHECK(is_cut_short("a.csv", head + "INFY,1340.05,1299.90,1500"));
    CHECK_FALSE(is_cut_short("a.csv", head + "INFY,1340.05,12\n"));
    CHECK_FALSE(is_cut_short("a.csv", ""));
    CHECK_FALSE(is_cut_short("a.json", "[{"));
}

TEST_CASE("what is no signal file is refused, with a sentence") {
    const auto why = [](const char* name, std::string_view content) {
        const auto sheet = read_signals(name, content);
        return sheet ? "" : sheet.error().message();
    };
    CHECK(why("a.csv", "Ticker,Entry_Price,Target1\nINFY,1,2\n").find("no column Stop_Loss") !=
          std::string::npos);
    CHECK(why("a.csv", "").find("it is empty") != std::string::npos);
    CHECK(why("a.csv", "Ticker,\"Entry").find("a quote that does not end") != std::string::npos);
    CHECK(why("a.json", "[1]").find("no object") != std::string::npos);
    CHECK(why("a.json", "{").find("no JSON") != std::string::npos);
    CHECK(why("a.txt", "x").find("none of .csv") != std::string::npos);
    CHECK(why("a.xlsx", "PK").find("no .xlsx workbook") != std::string::npos);
    CHECK(why("a.xlsx", workbook({{"xl/workbook.xml", k_book}})).find("workbook.xml.rels") !=
          std::string::npos);
    CHECK(why("a.xlsx", workbook({{"xl/workbook.xml", "<workbook"}})).find("is no XML") !=
          std::string::npos);
    CHECK(why("a.csv", std::string(2'000, 'x')).find("longer than any may be") !=
          std::string::npos);
}

TEST_CASE("a price of less than half a paisa is none, in every kind of file") {
    const auto csv = read_signals("a.csv", "Ticker,Entry,Stop,Target\nINFY,10,0.004,12\n");
    REQUIRE(csv.has_value());
    CHECK(csv->signals.empty());
    CHECK(csv->bad_rows == std::vector<std::string>{"row 2: Stop_Loss '0.004' is no price"});
    CHECK(read_signals("a.csv", "Ticker,Entry,Stop,Target\nINFY,10,0.006,12\n")
              ->signals.front()
              .stop.ticks == 1);
}

TEST_CASE("a long text that a workbook has once, and many cells, takes no memory without end") {
    const auto sheet_of = [](std::size_t cells) {
        std::string sheet = "<worksheet><sheetData>";
        for (std::size_t i = 0; i < cells; ++i) {
            sheet += i % 100 == 0 ? (i == 0 ? "<row>" : "</row><row>") : "";
            sheet += R"(<c t="s"><v>0</v></c>)";
        }
        return sheet + "</row></sheetData></worksheet>";
    };
    const auto read = [&](std::size_t cells) {
        return cells_of_xlsx(
            workbook({{"xl/workbook.xml", k_book},
                      {"xl/_rels/workbook.xml.rels", k_relations},
                      {"xl/sharedStrings.xml",
                       "<sst><si><t>" + std::string(1'000'000, 'x') + "</t></si></sst>"},
                      {"xl/worksheets/sheet3.xml", sheet_of(cells)}}));
    };
    const auto few = read(100);
    REQUIRE_MESSAGE(few, few.error().message());
    CHECK(few->front().back() == std::string(1000, 'x'));
    const auto many = read(50'000);
    REQUIRE_FALSE(many.has_value());
    CHECK(many.error().code() == Errc::too_large);
}

TEST_CASE("no cut or changed byte of a workbook does harm") {
    const auto good = good_workbook();
    for (std::size_t at = 0; at < good.size(); at += 7) {
        (void)cells_of_xlsx(std::string_view(good).substr(0, at));
        auto changed = good;
        changed[at] = static_cast<char>(changed[at] ^ 0x55);
        (void)cells_of_xlsx(changed);
    }
}

TEST_CASE("the newest file of the name counts") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    const Inbox inbox(files, directory.path());
    CHECK(!newest_signal_file(inbox, "")->has_value());
    for (const char* name : {"a_1.csv", "b_2.xlsx", "a_3.txt", ".a_4.csv", "~a_5.xlsx"})
        test::write_text(directory.path() + "/" + name, "x");
    CHECK(newest_signal_file(inbox, "a_")->value().name == "a_1.csv");
    CHECK(!newest_signal_file(inbox, "c_")->has_value());
}

TEST_CASE("an inbox gives the files that are in it, and no others") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    test::write_text(directory.path() + "/a.csv", "rows");
    const Inbox inbox(files, directory.path());
    CHECK(inbox.names() == std::vector<std::string>{"a.csv"});
    CHECK(inbox.read("a.csv", 100) == "rows");
    CHECK(inbox.read("a.csv", 2).error().code() == Errc::too_large);
    CHECK(inbox.status("a.csv")->size == 4);
    for (const char* name : {"", ".", "..", "../shares.json", "/etc/hostname", "a/b.csv"}) {
        CAPTURE(name);
        CHECK(inbox.read(name, 100).error().code() == Errc::invalid);
        CHECK(inbox.status(name).error().code() == Errc::invalid);
    }
}

TEST_CASE("F5: of a signal file that is half written no row is read as another one") {
    const std::string whole =
        "Ticker,Entry_Price,Target1,Stop_Loss\n"
        "INFY,1340.05,1500,1299.90\n\"TCS\",3900,4100,3850\nSBIN,800,850,790\n";
    const auto all = read_signals("a.csv", whole);
    REQUIRE(all.has_value());
    REQUIRE(all->signals.size() == 3);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        const auto part = std::string_view(whole).substr(0, at);
        if (is_cut_short("a.csv", part))
            continue;
        const auto sheet = read_signals("a.csv", part);
        if (!sheet)
            continue;
        REQUIRE(sheet->signals.size() <= all->signals.size());
        CHECK(std::equal(sheet->signals.begin(), sheet->signals.end(), all->signals.begin()));
        CHECK(sheet->bad_rows.empty());
    }
    // The others have an end of their own.
    const std::string json =
        R"([{"Ticker":"INFY","Entry_Price":1340.05,"Target1":1500,"Stop_Loss":1299.9}])";
    REQUIRE(read_signals("a.json", json).has_value());
    for (std::size_t at = 0; at < json.size(); ++at)
        CHECK_FALSE(read_signals("a.json", std::string_view(json).substr(0, at)).has_value());
    // A byte less of the list of its parts, which is at its end, takes nothing away.
    const auto workbook = good_workbook();
    const auto rows = read_signals("a.xlsx", workbook);
    REQUIRE(rows.has_value());
    for (std::size_t at = 0; at < workbook.size(); at += 3) {
        const auto sheet = read_signals("a.xlsx", std::string_view(workbook).substr(0, at));
        CHECK((!sheet || sheet->signals == rows->signals));
    }
}
