// SCRAM's texts, with the example of RFC 7677 §3.
#include "wire/postgres/scram.h"

#include <gtest/gtest.h>

namespace bulwark::wire::postgres {
namespace {

TEST(ScramText, ClientFirst) {
  const auto first = read_client_first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->binding, 'n');
  EXPECT_EQ(first->gs2_header, "n,,");
  EXPECT_EQ(first->bare, "n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(first->nonce, "rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(read_client_first("p=tls-server-end-point,,n=,r=abc")->binding_name, "tls-server-end-point");
  for (const char* bad : {"", "x,,n=,r=a", "n,a=other,n=,r=a", "n,,r=a", "n,,m=x,n=,r=a", "n,,n=,r=", "n,,n=,r=a\x01", "n", "p="})
    EXPECT_FALSE(read_client_first(bad).ok()) << bad;
}

TEST(ScramText, ServerFirst) {
  const std::string text = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  const auto first = read_server_first(text);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->iterations, 4096U);
  EXPECT_EQ(make_server_first(*first), text);
  for (const char* bad : {"r=a,s=b,i=0", "r=a,s=b,i=99999999", "r=a,s=b,i=4096x", "r=a,i=1,s=b", "s=b,i=1"})
    EXPECT_FALSE(read_server_first(bad).ok()) << bad;
}

TEST(ScramText, ClientFinal) {
  const auto last = read_client_final("c=biws,r=abc,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->without_proof, "c=biws,r=abc");
  EXPECT_EQ(last->proof, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  for (const char* bad : {"c=biws,r=abc", "r=abc,c=biws,p=x", "c=biws,r=,p=x", "c=biws,r=abc,p=x,y=z"})
    EXPECT_FALSE(read_client_final(bad).ok()) << bad;
}

TEST(ScramText, ServerFinal) {
  EXPECT_EQ(*read_server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  EXPECT_EQ(read_server_final("e=invalid-proof").error().code, Code::denied);
  EXPECT_FALSE(read_server_final("x").ok());
}

}  // namespace
}  // namespace bulwark::wire::postgres
